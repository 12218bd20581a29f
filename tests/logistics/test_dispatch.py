"""A day's shipments become routes; what nobody can serve is named; stores see what was published, nothing before."""

import sys
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text
from sqlmodel import select

from hub import db
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.lists import Search
from hub.models.base import uuid7
from hub.models.catalogue import Temperature
from hub.models.party import OrganizationKind, Place
from logistics import routing, shipments, tasks
from logistics.drive import tracking
from logistics.fleet import fleet
from logistics.models import PlanState, Route, RoutePlan, Stop, Vehicle
from logistics.plan import dispatch, planning
from logistics.plan.dispatch import AlreadyUnderWay, NotPlannedYet
from tests.logistics.conftest import EVENING, WEDNESDAY, morning, seen_by


def test_announced_shipments_become_stops_within_their_stores_opening_hours(region):
    first, second = region.shipped(0, tomato=120), region.shipped(1, eggs=60)
    plan = region.planned()
    stops = region.stops(plan)

    assert plan.state is PlanState.DRAFT and plan.unserved == []
    assert {stop.shipment_id for stop in stops} == {first.id, second.id}
    assert all(stop.opens_at == morning(6) and stop.opens_at <= stop.planned_at for stop in stops)
    assert [stop.sequence for stop in stops if stop.plate == region.lorry.plate] == [1, 2]
    (route,) = seen_by(region.haulier.id, Route)
    assert route.departs_at < stops[0].planned_at < stops[0].leaves_at < route.returns_at
    assert plan.distance_m == route.distance_m > 0


def test_a_new_draft_replaces_the_one_before(region):
    region.shipped()
    region.planned()
    region.planned()
    assert len(seen_by(region.haulier.id, RoutePlan)) == 1 == len(seen_by(region.haulier.id, Stop))


def test_what_no_vehicle_can_take_is_named_with_its_reason_and_what_would_help(region):
    with db.session(region.dispatcher.who) as session:
        van = fleet.find(session, region.dispatcher, region.lorry.id)
        told = fleet.Description(
            van.plate, van.depot_id, Decimal(100), Decimal(8), Temperature.CHILLED, van.shift_start, van.shift_end
        )
        fleet.change(session, region.dispatcher, van, told)
    shipment = region.shipped(tomato=120)

    (told,) = region.planned().unserved

    assert told["shipment"] == str(shipment.id) and told["reason"] == "capacity"
    assert (told["plate"], told["by"], told["weight"]) == (region.lorry.plate, 20.0, 120.0)


def test_tomatoes_stay_out_of_a_van_without_cooling(region):
    with db.session(region.dispatcher.who) as session:
        lorry = fleet.find(session, region.dispatcher, region.lorry.id)
        fleet.retire(session, region.dispatcher, lorry, at=EVENING)
    region.shipped()
    (told,) = region.planned().unserved
    assert told["reason"] == "temperature"


def test_without_vehicles_everything_is_left_out_and_says_so(region):
    with db.session(region.dispatcher.who) as session:
        for van, _depot, _driver in fleet.vehicles(session, region.dispatcher):
            fleet.retire(session, region.dispatcher, van, at=EVENING)
    region.shipped()
    assert [told["reason"] for told in region.planned().unserved] == ["no-vehicle"]


def test_nothing_is_driven_to_a_store_on_a_day_on_which_it_is_closed(region):
    shipment = region.shipped(0, tomato=120)
    region.shipped(1, eggs=60)
    with db.hub_session() as session:
        session.get_one(Place, shipment.deliver_to_id).closed_on = "3"
    plan = region.planned()
    assert plan.unserved == [{"shipment": str(shipment.id), "reason": "closed", "also": []}]
    assert shipment.id not in {stop.shipment_id for stop in region.stops(plan)} and len(region.stops(plan)) == 1


def test_a_day_on_which_every_store_is_closed_is_planned_too(region):
    region.shipped()
    with db.hub_session() as session:
        for place in session.exec(select(Place)):
            place.closed_on = "3"
    assert [told["reason"] for told in region.planned().unserved] == ["closed"]


def test_a_store_sees_its_stop_only_once_it_is_published_and_no_more_when_it_is_taken_back(region):
    region.shipped()
    plan = region.planned()
    assert seen_by(region.chain.id, Stop) == [] == seen_by(region.farm.id, Stop)

    with db.session(region.dispatcher.who) as session:
        held = dispatch.find(session, region.dispatcher, plan.id)
        dispatch.publish(session, region.dispatcher, held, at=EVENING)
        dispatch.publish(session, region.dispatcher, held, at=EVENING + timedelta(hours=1))
        assert held.published_at == EVENING
    assert [stop.plate for stop in seen_by(region.chain.id, Stop)] == [region.lorry.plate]
    assert len(seen_by(region.farm.id, Stop)) == 1

    with db.session(region.dispatcher.who) as session:
        dispatch.withdraw(session, region.dispatcher, dispatch.find(session, region.dispatcher, plan.id))
    assert seen_by(region.chain.id, Stop) == []


def test_a_plan_that_is_under_way_is_not_taken_back(region):
    region.shipped()
    plan = region.planned(publish=True)
    with db.session(region.driver.who) as session:
        stop = tracking.find(session, region.driver, region.stops(plan)[0].id)
        tracking.arrive(session, region.driver, stop, at=morning(6))
    with db.session(region.dispatcher.who) as session, pytest.raises(AlreadyUnderWay):
        dispatch.withdraw(session, region.dispatcher, dispatch.find(session, region.dispatcher, plan.id))


def test_planning_again_takes_what_came_later_and_leaves_what_is_published(region):
    region.shipped(0)
    published = region.planned(publish=True)
    later = region.shipped(1)
    draft = region.planned()

    (route, *_) = [r for r in seen_by(region.haulier.id, Route) if r.plan_id == published.id]
    assert [stop.shipment_id for stop in region.stops(draft)] == [later.id]
    (again,) = [r for r in seen_by(region.haulier.id, Route) if r.plan_id == draft.id]
    assert again.vehicle_id == route.vehicle_id and again.departs_at >= route.returns_at + timedelta(minutes=30)


def test_a_vehicle_leaves_no_earlier_than_now(region):
    region.shipped()
    region.planned(at=morning(9))
    (route,) = seen_by(region.haulier.id, Route)
    assert route.departs_at >= morning(9)


def test_a_worker_makes_what_was_asked_for_and_once(region):
    region.shipped()
    with db.session(region.dispatcher.who) as session:
        plan = dispatch.ask(session, region.dispatcher, WEDNESDAY, at=EVENING, seconds=1)
        with pytest.raises(NotPlannedYet):
            dispatch.publish(session, region.dispatcher, plan, at=EVENING)
    assert plan.state is PlanState.PLANNING

    assert tasks.plan_routes() == 1
    assert tasks.plan_routes() == 0

    (made,) = seen_by(region.haulier.id, RoutePlan)
    assert made.state is PlanState.DRAFT and len(region.stops(made)) == 1


def test_a_plan_that_kills_its_worker_three_times_has_failed(region):
    with db.session(region.dispatcher.who) as session:
        plan = dispatch.ask(session, region.dispatcher, WEDNESDAY, at=EVENING, seconds=1)
        plan.attempts = 3
    assert tasks.plan_routes() == 0
    (made,) = seen_by(region.haulier.id, RoutePlan)
    assert made.state is PlanState.FAILED


def test_an_answer_that_comes_after_another_was_asked_for_is_dropped(region, monkeypatch):
    region.shipped()
    with db.session(region.dispatcher.who) as session:
        first = dispatch.ask(session, region.dispatcher, WEDNESDAY, at=EVENING, seconds=1)
    solve = dispatch.routing.plan

    def meanwhile(problem, seconds):
        with db.session(region.dispatcher.who) as session:
            dispatch.ask(session, region.dispatcher, WEDNESDAY, at=EVENING, seconds=1)
        return solve(problem, seconds)

    monkeypatch.setattr(dispatch.routing, "plan", meanwhile)
    assert dispatch.carry_out(region.dispatcher, first.id) is False
    (waiting,) = seen_by(region.haulier.id, RoutePlan)
    assert waiting.id != first.id and waiting.state is PlanState.PLANNING


def test_only_dispatchers_plan_and_only_for_their_own(region):
    region.shipped()
    plan = region.planned()
    with db.session(region.driver.who) as session, pytest.raises(NotAllowed):
        dispatch.ask(session, region.driver, WEDNESDAY, at=EVENING)
    stranger = builder.actor(builder.party(region.haulier.kind, "Others"), region.dispatcher.role)
    with db.session(stranger.who) as session:
        assert shipments.to_drive(session, stranger, WEDNESDAY) == []
        with pytest.raises(NotFound):
            dispatch.find(session, stranger, plan.id)


def test_a_number_that_two_suppliers_use_is_told_apart_by_the_supplier(region):
    shipment = region.shipped()
    other = builder.party(OrganizationKind.SUPPLIER, "Other")
    builder.relation(region.chain, other)
    assert shipment.number.startswith(f"DA{region.farm.member}-")
    with db.hub_session() as session:
        copy = shipment.model_dump() | {"id": uuid7(), "sscc": "1" * 18, "owner_id": other.id}
        session.add(type(shipment)(**copy))
    with db.session(region.buyer.who) as session:
        with pytest.raises(shipments.NumberNotUnique):
            shipments.find(session, shipment.number)
        assert shipments.find(session, shipment.number, region.farm.gln).owner_id == region.farm.id
        assert shipments.find(session, shipment.number, other.gln).owner_id == other.id


def test_a_shipment_is_found_by_its_sscc_where_two_suppliers_use_its_number(region):
    shipment = region.shipped()
    with db.session(region.grower.who) as session:
        copy = type(shipment)(**shipment.model_dump() | {"id": uuid7(), "sscc": "0" * 18, "number": "X"})
        session.add(copy)
        session.flush()
        assert shipments.find(session, shipment.sscc).id == shipment.id == shipments.find(session, shipment.number).id
        with pytest.raises(NotFound):
            shipments.find(session, "no such")
    with db.session(region.dispatcher.who) as session:
        listed = shipments.standings(session, region.dispatcher, Search(shipment.number)).rows
        assert [one.shipment.id for one in listed] == [shipment.id] and listed[0].place.id == region.stores[0].id
        assert shipments.standings(session, region.dispatcher, Search("100%_")).rows == []


def test_shipments_are_sorted_by_what_a_dispatcher_asks_for_and_counted_over_all_pages(region):
    light, heavy = region.shipped(tomato=10), region.shipped(tomato=90)
    with db.session(region.dispatcher.who) as session:
        for sort, first in (("weight", light), ("-weight", heavy)):
            found = shipments.standings(session, region.dispatcher, Search(size=1, sort=sort))
            assert [row.shipment.id for row in found.rows] == [first.id] and (found.total, found.more) == (2, True)
        for sort in ("number", "store_zh", "-store_en", "arrives", "-pallets", "plate", "owner_id"):
            assert len(shipments.standings(session, region.dispatcher, Search(sort=sort)).rows) == 2, sort


def test_a_vehicle_stands_in_a_depot_of_its_own_haulier_under_a_plate_of_its_own(region):
    with pytest.raises(fleet.PlateTaken):
        region.vehicle(region.lorry.plate)
    with pytest.raises(InvalidInput):
        _elsewhere(region)
    with db.session(region.dispatcher.who) as session:
        rows = fleet.vehicles(session, region.dispatcher)
        assert [driver.name if driver else None for _van, _depot, driver in rows] == ["Li", None]
        assert session.exec(select(Stop)).all() == []


def test_vehicles_are_found_by_plate_depot_or_driver_and_sorted_by_what_they_carry(region):
    with db.session(region.dispatcher.who) as session:

        def plates(words: str = "", sort: str = "") -> list[str]:
            found = fleet.listed(session, region.dispatcher, Search(words, sort=sort))
            assert found.total == len(found.rows)
            return [vehicle.plate for vehicle, _depot, _driver in found.rows]

        lorry, van = region.lorry.plate, region.van.plate
        assert plates() == plates(sort="-weight") == plates("jinan") == [lorry, van]
        assert plates(sort="weight") == plates(sort="-plate") == [van, lorry] and plates("K3088") == [van]
        assert plates("li", "driver") == [lorry]
        assert all(len(plates(sort=sort)) == 2 for sort in ("depot_zh", "-depot_en", "pallets", "-shift", "driver"))
        assert fleet.in_service(session, region.dispatcher) == 2


def _elsewhere(region):
    told = fleet.Description(
        "鲁A·X",
        region.stores[0].id,
        Decimal(1),
        Decimal(1),
        Temperature.CHILLED,
        region.lorry.shift_start,
        region.lorry.shift_end,
    )
    with db.session(region.dispatcher.who) as session:
        fleet.add(session, region.dispatcher, told)


def test_the_board_says_when_the_search_failed_and_which_figure_cannot_be(region, monkeypatch):
    region.shipped()
    with db.session(region.dispatcher.who) as session:
        plan = dispatch.ask(session, region.dispatcher, region.day, at=region.at, seconds=1)
    monkeypatch.setattr(routing.plan, "__defaults__", ([sys.executable, "-c", "raise SystemExit(1)"],))
    assert dispatch.carry_out(region.dispatcher, plan.id)
    with db.session(region.dispatcher.who) as session:
        made = dispatch.find(session, region.dispatcher, plan.id)
        assert made.state is PlanState.DRAFT and not made.searched
        plan = dispatch.ask(session, region.dispatcher, region.day, at=region.at, seconds=1)
    with db.hub_session() as session:
        session.execute(text("update vehicle set capacity_kg = -1"))
    assert dispatch.carry_out(region.dispatcher, plan.id)
    with db.session(region.dispatcher.who) as session:
        made = dispatch.find(session, region.dispatcher, plan.id)
        assert made.state is PlanState.FAILED and made.failure["figure"] == "weight"
        assert made.failure["where"] in {van.plate for van in session.exec(select(Vehicle))}


def test_on_the_day_the_clock_changes_the_planners_clock_goes_on():
    berlin = ZoneInfo("Europe/Berlin")
    for day, hour in ((date(2026, 3, 29), 7), (date(2026, 10, 25), 9)):
        planned = planning.Day(None, [], [], datetime.combine(day, time(0), berlin))
        eight = datetime.combine(day, time(8), berlin)
        assert planned.clock(eight) == planned.clock(eight.astimezone(UTC)) == hour * 3600
        assert planned.moment(hour * 3600) == eight and planned.moment(hour * 3600).hour == 8
