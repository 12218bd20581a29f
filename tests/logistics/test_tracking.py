"""On the way: who was where when, what is late because of it, and what got too warm."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlmodel import select

from hub import db
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.models.access import AuditEntry
from hub.models.trace import Event
from logistics.drive import tracking
from logistics.drive.tracking import AlreadyHandedOver, NotArrived
from logistics.models import Excursion, Reading, Stop
from tests.logistics.conftest import morning, seal, seen_by


@pytest.fixture
def driven(region):
    """Two stops on Zhao's route of today."""
    region.shipped(0), region.shipped(1)
    region.route = region.stops(region.planned(publish=True))
    return region


def at_stop(region, number, work, actor=None):
    actor = actor or region.driver
    with db.session(actor.who) as session:
        return work(session, tracking.find(session, actor, region.route[number].id))


def arrive(region, number, at):
    return at_stop(region, number, lambda s, stop: tracking.arrive(s, region.driver, stop, at=at))


def deliver(region, number, name, at):
    return at_stop(region, number, lambda s, stop: tracking.deliver(s, region.driver, stop, name, at=at))


def read(region, number, celsius, at=None):
    return at_stop(
        region,
        number,
        lambda s, stop: tracking.read_temperature(s, region.driver, stop, Decimal(celsius), at=at or morning(7)),
    )


def expected(region, number):
    return next(s for s in seen_by(region.chain.id, Stop) if s.id == region.route[number].id).expected_at


def test_who_comes_late_is_expected_late_at_the_next_stop_and_the_store_sees_it(driven):
    planned = driven.route[1].planned_at
    assert expected(driven, 1) == planned
    late = timedelta(minutes=40)
    arrive(driven, 0, driven.route[0].planned_at + late)
    assert expected(driven, 1) == planned + late

    deliver(driven, 0, "Ms Wang", driven.route[0].leaves_at + 2 * late)
    assert expected(driven, 1) == planned + 2 * late


def test_who_comes_early_waits_for_the_store_to_open(driven):
    arrive(driven, 0, driven.route[0].opens_at - timedelta(hours=1))
    assert expected(driven, 1) == driven.route[1].planned_at >= driven.route[1].opens_at


def test_an_arrival_is_recorded_once_and_can_be_taken_back(driven):
    arrive(driven, 0, morning(6, 10))
    assert arrive(driven, 0, morning(6, 30)).arrived_at == morning(6, 10)
    at_stop(driven, 0, lambda s, stop: tracking.not_arrived(s, driven.driver, stop))
    assert at_stop(driven, 0, lambda _s, stop: stop.arrived_at) is None


def test_goods_are_handed_to_somebody_with_a_name_after_arriving(driven):
    with pytest.raises(NotArrived):
        deliver(driven, 0, "Wang", morning(6, 20))
    arrive(driven, 0, morning(6, 10))
    with pytest.raises(InvalidInput):
        deliver(driven, 0, "  ", morning(6, 20))
    deliver(driven, 0, " Wang  Li ", morning(6, 20))
    assert deliver(driven, 0, "Wang Li", morning(9)).delivered_at == morning(6, 20)
    with pytest.raises(AlreadyHandedOver):
        deliver(driven, 0, "Sun", morning(6, 25))
    with pytest.raises(AlreadyHandedOver):
        at_stop(driven, 0, lambda s, stop: tracking.not_arrived(s, driven.driver, stop))


def test_a_driver_drives_his_own_vehicle_only(driven):
    other = type(driven.driver)(
        driven.haulier.id,
        driven.haulier.kind,
        driven.driver.permissions,
        role=driven.driver.role,
        user_id=driven.depot.id,
    )
    with pytest.raises(NotAllowed):
        at_stop(driven, 0, lambda _s, stop: stop, actor=other)
    at_stop(driven, 0, lambda _s, stop: stop, actor=driven.dispatcher)
    with db.session(driven.keeper().who) as session, pytest.raises(NotAllowed):
        tracking.find(session, driven.keeper(), driven.route[0].id)


def test_a_stop_that_is_not_published_cannot_be_driven(region):
    region.shipped()
    region.route = region.stops(region.planned())
    with pytest.raises(NotFound):
        arrive(region, 0, morning(6))


def test_a_reading_within_the_limits_is_kept_and_raises_nothing(driven):
    assert read(driven, 0, "7.9") is None
    assert [r.celsius for r in seen_by(driven.chain.id, Reading)] == [Decimal("7.9")]
    assert seen_by(driven.chain.id, Excursion) == []


def test_a_reading_outside_raises_one_excursion_a_direction_that_store_and_grower_see(driven):
    first = read(driven, 0, "9.4", morning(7))
    assert read(driven, 0, "12.0", morning(7, 10)).id == first.id
    below = read(driven, 0, "-1")
    assert below.id != first.id and not below.above

    for party in (driven.chain.id, driven.farm.id):
        seen = sorted(seen_by(party, Excursion), key=lambda e: e.celsius)
        assert [(e.celsius, e.lowest, e.highest) for e in seen] == [(-1, 0, 8), (Decimal("9.4"), 0, 8)]
    assert len(seen_by(driven.chain.id, Reading)) == 3


def test_an_excursion_is_a_sensor_event_of_the_haulier_that_buyer_and_grower_can_check(driven):
    made = read(driven, 0, "9.4")
    seal()
    for party in (driven.haulier, driven.chain, driven.farm):
        with db.session(db.Who(party.id)) as session:
            event = session.exec(select(Event).where(Event.id == made.event_id)).one()
            assert event.owner_id == driven.haulier.id and event.biz_step == "sensor_reporting"
            assert event.leaf is not None and b"ALARM_CONDITION" in event.payload and event.published_at is None


def test_a_temperature_nobody_measures_is_refused(driven):
    for nonsense in ("NaN", "500", "-300"):
        with pytest.raises(InvalidInput):
            read(driven, 0, nonsense)


def test_whoever_speaks_for_the_driver_is_recorded(driven):
    arrive(driven, 0, morning(7))
    at_stop(
        driven,
        1,
        lambda s, stop: tracking.arrive(s, driven.dispatcher, stop, at=morning(8)),
        driven.dispatcher,
    )
    first, second = (stop for stop in seen_by(driven.haulier.id, Stop))
    assert {first.arrived_as, second.arrived_as} == {"driver", "dispatcher"}
    said = [entry for entry in seen_by(driven.haulier.id, AuditEntry) if entry.action == "stop.arrive"]
    assert {entry.detail["spoken_as"] for entry in said} == {"driver", "dispatcher"}
