"""Roads are longer than the crow's way, and slower when everybody drives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from logistics.plan import distances
from logistics.plan.distances import VehicleClass

JINAN, WEIFANG = (36.65, 117.12), (36.71, 119.16)
anywhere = st.tuples(st.floats(-80, 80), st.floats(-180, 180))


def test_from_jinan_to_weifang_it_is_some_250_kilometres_by_road():
    assert distances.metres([JINAN, WEIFANG])[0][1] == pytest.approx(250_000, rel=0.02)


def test_a_way_is_as_long_as_the_way_back_and_no_way_is_no_way():
    made = distances.metres([JINAN, WEIFANG, (36.2, 117.1)])
    assert all(made[a][b] == made[b][a] for a in range(3) for b in range(3))
    assert [made[a][a] for a in range(3)] == [0, 0, 0]


@given(st.lists(anywhere, min_size=1, max_size=4))
def test_distances_are_whole_metres_between_here_and_the_antipodes(places):
    made = distances.metres(places)
    assert all(isinstance(m, int) and 0 <= m <= 1.37 * 20_016_000 for row in made for m in row)


def test_rush_hour_is_slower_than_the_night_and_a_lorry_slower_than_a_van():
    way = distances.metres([JINAN, WEIFANG])
    night, rush = (distances.seconds(way, hour, VehicleClass.VAN)[0][1] for hour in (3, 8))
    assert rush > 1.4 * night
    assert distances.seconds(way, 3, VehicleClass.LORRY)[0][1] > night
    assert distances.class_of(1500) is VehicleClass.VAN and distances.class_of(3000) is VehicleClass.LORRY


def test_there_is_a_speed_for_every_hour():
    assert all(20 < distances.speed(hour, kind) < 70 for hour in range(24) for kind in VehicleClass)
