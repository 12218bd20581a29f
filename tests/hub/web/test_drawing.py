"""Charts and maps put things where they are."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.web.drawing import Leg, Point, plot, sketch, spark

FIGURES = st.lists(st.none() | st.floats(-1e6, 1e6) | st.decimals(0, 10**6, places=3), min_size=1, max_size=20)


def test_more_stands_higher_and_later_stands_further_right():
    drawn = plot(3, {"act": [10, 20, None], "p50": [None, 20, 40]}, past=2)
    low, high = drawn.dots[0], drawn.dots[-1]
    assert low[1] < high[1] and low[2] > high[2]
    assert drawn.past == pytest.approx(66.667)


def test_the_axis_has_round_figures_that_hold_everything():
    drawn = plot(2, {"p50": [Decimal(2490), Decimal(4880)]})
    assert [tick for tick, _ in drawn.ticks] == [2000, 3000, 4000, 5000]


def test_a_line_is_broken_where_nothing_is_known():
    assert plot(3, {"act": [1, None, 2]}).lines[0][1].count("M") == 2


@given(FIGURES)
def test_every_chart_stays_on_its_paper(series):
    drawn = plot(len(series), {"act": series}, band=(series, series), marks=series)
    assert all(0 <= x <= 100 and 0 <= y <= 100 for _kind, x, y in drawn.dots)
    assert len(drawn.ticks) >= 2
    spark(series, series)


@given(st.lists(st.tuples(st.floats(-80, 80), st.floats(-179, 179)), max_size=12), st.sampled_from([860, 390]))
def test_every_map_stays_on_its_paper(places, width):
    drawn = sketch([Point(*place, label="历下门店") for place in places], [Leg(places)], width, 300)
    assert all(0 <= at.x <= width and 0 <= at.y <= 300 for at in drawn.points)
    assert 0 < drawn.bar <= width / 7 or not places


def test_north_is_up_and_east_is_right_and_the_bar_is_to_scale():
    shouguang, jinan = Point(36.86, 118.74, "寿光"), Point(36.65, 117.12, "济南")
    drawn = sketch([shouguang, jinan])
    east, west = drawn.points
    assert east.x > west.x and east.y < west.y
    across = (east.x - west.x) / drawn.bar * drawn.km
    assert across == pytest.approx(144, rel=0.02)  # kilometres between the two, along the parallel


def test_labels_do_not_hide_each_other():
    close = [Point(36.60 + i * 0.01, 117.0, f"Store {i}") for i in range(4)]
    boxes = [(at.label_x, at.label_y) for at in sketch([*close, Point(37.0, 118.0)]).points[:4]]
    assert len(set(boxes)) == 4
