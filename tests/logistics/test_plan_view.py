"""What a dispatcher reads of a day and of the shipments, in Chinese and in English, from plain values."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from hub.lists import CountedPage, Search
from hub.models.base import uuid7
from hub.models.party import Place, PlaceKind
from hub.web.i18n import Language
from logistics.models import PlanState, Receipt, RoutePlan
from logistics.plan.board import Board, Left, Tour
from logistics.plan.board_view import BoardPage, board_page, progress_of
from logistics.plan.left_out_view import Change
from logistics.plan.shipments_view import shipments_page
from logistics.plan.timeline_view import tour_state
from logistics.shipments import Consignment, Standing
from tests import rows
from tests.logistics.conftest import EVENING, WEDNESDAY, morning
from tests.logistics.plain import (
    CHAIN,
    DEPOT,
    EN,
    HAULIER,
    LORRY,
    ON_TIME,
    OTHER,
    PLATE,
    STORE,
    ZH,
    call,
    excursion,
    handed_over,
    shipment,
    stop,
    tour,
)


def left(letter: str = "A", why: dict[str, Any] | None = None, where: Place = STORE) -> Left:
    return Left(letter, Consignment(shipment(), where, morning(6), morning(9)), why)


def plan(state: PlanState, **more: Any) -> RoutePlan:
    return RoutePlan(id=uuid7(), owner_id=HAULIER.id, day=WEDNESDAY, state=state, planned_at=EVENING, **more)


def board(
    *tours: Tour,
    left: list[Left] | None = None,
    latest: RoutePlan | None = None,
    published: RoutePlan | None = None,
    at: datetime = EVENING,
) -> Board:
    return Board(WEDNESDAY, at, HAULIER, latest, [published] if published else [], list(tours), left or [])


def seen(
    day: Board, speaks: Language = EN, *, today: date = WEDNESDAY, vehicles: dict[str, UUID] | None = None
) -> BoardPage:
    """What the dispatcher gets."""
    return board_page(day, speaks, today=today, vehicles=vehicles or {})


PUBLISHED = plan(PlanState.PUBLISHED)


# The board


def test_a_board_says_the_time_on_the_day_itself_alone():
    assert seen(board(at=morning(6))).when == "Wed 25 Nov, 06:00"
    assert seen(board(at=morning(6)), ZH).when == "11月25日 周三 06:00"
    assert seen(board(at=EVENING), today=date(2026, 11, 24)).when == "Wed 25 Nov"


@pytest.mark.parametrize(
    ("day", "summary"),
    [
        (board(left=[left()], latest=plan(PlanState.PLANNING)), "Routes for this day are being planned."),
        (
            board(ON_TIME, latest=plan(PlanState.DRAFT)),
            "This is a draft: drivers and stores see it once you publish it.",
        ),
        (board(left=[left()]), "1 shipment waits to be planned."),
        (board(left=[left("A"), left("B")]), "2 shipments wait to be planned."),
        (board(), "Nothing is to be delivered on this day."),
        (board(tour(call(1, stop(morning(6), **handed_over(morning(6))))), published=PUBLISHED), "Every stop is done."),
        (
            board(tour(call(1, stop(morning(6))), excursions=[excursion(9)]), published=PUBLISHED),
            "1 vehicle carries goods outside their temperature limits.",
        ),
        (board(ON_TIME, published=PUBLISHED, at=morning(7, 30)), "1 vehicle runs late."),
        (board(ON_TIME, published=PUBLISHED), "1 of 2 stops are done, and no vehicle runs late."),
    ],
)
def test_a_board_opens_with_what_is_true_of_the_day(day, summary):
    assert seen(day).summary == summary


def test_what_a_dispatcher_can_do_follows_from_the_plans_of_the_day():
    draft = plan(PlanState.DRAFT)
    to_do = tour(call(1, stop(morning(6))))
    assert seen(board(left=[left()])).to_plan
    tried = seen(board(left=[left(why={"reason": "no-vehicle"})], published=PUBLISHED))
    assert (tried.to_plan, tried.to_plan_again) == (False, True)
    drafted = seen(board(to_do, left=[left()], latest=draft, published=PUBLISHED))
    assert (drafted.draft, drafted.to_plan, drafted.withdrawable) == (draft.id, False, None)
    assert seen(board(to_do, published=PUBLISHED)).withdrawable == PUBLISHED.id
    assert seen(board(ON_TIME, published=PUBLISHED)).withdrawable is None, "a vehicle has arrived somewhere"


def test_planning_is_measured_against_the_time_it_has():
    asked = plan(PlanState.PLANNING, seconds=10)
    assert progress_of(asked, EN, at=EVENING).elapsed == "A worker takes it up within a second or two."
    asked.begun_at = EVENING
    halfway = progress_of(asked, EN, at=EVENING + timedelta(seconds=4.5))
    assert (halfway.elapsed, halfway.label, halfway.percent) == ("4 of 10 s.", "45% of the time is over", 45)
    over = progress_of(asked, EN, at=EVENING + timedelta(seconds=30))
    assert (over.elapsed, over.percent) == ("10 of 10 s.", 100)


def test_a_plan_that_came_to_nothing_says_why():
    failure = {"where": "S-1", "figure": "weight", "value": "-3 %"}
    named = seen(board(latest=plan(PlanState.FAILED, failure=failure))).notice
    assert named and named.text == "S-1: weight is -3 %. Put it right and plan again." and named.tone == "stop"
    nameless = seen(board(latest=plan(PlanState.FAILED))).notice
    assert nameless and nameless.title == "Planning came to no end three times."
    longer = seen(board(ON_TIME, latest=plan(PlanState.DRAFT, searched=False))).notice
    assert longer and (longer.title, longer.tone) == ("The search for short routes failed.", "warn")
    assert seen(board(ON_TIME, latest=plan(PlanState.DRAFT))).notice is None


def test_the_days_figures_warn_of_what_is_late_left_out_or_warm():
    good = seen(board(ON_TIME, published=PUBLISHED)).figures
    assert good[0] == ("Stops on time", "2 of 2", "100%", "")
    assert good[1] == ("Still to do", "1", "last at 07:10", "")
    assert good[4] == ("Cold chain", "0", "within limits", "")
    assert good[5] == ("Distance", "13 km", "1 vehicle", "")
    late = tour(call(1, stop(morning(6), expected_at=morning(10))), excursions=[excursion(8.5), excursion(9.4)])
    bad = seen(board(late, left=[left()], published=PUBLISHED)).figures
    assert bad[0] == ("Stops on time", "0 of 1", "0%", "warn")
    assert bad[2:5] == [
        ("Unassigned", "1", "", "warn"),
        ("Running late", "1", "R1, 4 h", "warn"),
        ("Cold chain", "1", "R1, 9.4 ℃", "stop"),
    ]
    assert seen(board(left=[left()])).figures == []


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        (None, "It came after the plan was made."),
        ({"reason": "no-vehicle", "also": []}, "No vehicle is in service."),
        (
            {"reason": "unreachable", "plate": PLATE, "also": []},
            "Nobody could drive there and back within a whole shift.",
        ),
        (
            {"reason": "temperature", "plate": PLATE, "also": ["temperature"]},
            "No vehicle that drives that day keeps it as cold as it must be. "
            "It would take: a vehicle of the right class.",
        ),
        (
            {"reason": "capacity", "plate": PLATE, "by": 20.2, "weight": 4020.2, "also": ["weight"]},
            f"{PLATE} comes nearest, and is 21 kg too small for it. It would take: a load of 4,021 kg on {PLATE}.",
        ),
        (
            {"reason": "pallets", "plate": PLATE, "by": 1.5, "pallets": 9.5, "closes": morning(9, 20), "also": []},
            f"{PLATE} comes nearest, and lacks room for 1.5 pallets. "
            f"It would take: 9.5 pallets on {PLATE}, the store open until 09:20.",
        ),
        (
            {"reason": "window", "plate": PLATE, "begins": morning(9, 10), "later_by": 4},
            f"No vehicle reaches it before 09:00. The nearest, {PLATE}, arrives at 09:10. "
            "It would take: 4 min more for the stops after it.",
        ),
        (
            {"reason": "shift", "plate": PLATE, "by": 12, "ends": morning(14, 30)},
            f"The shift of {PLATE} would end 12 min too late. It would take: a shift until 14:30 for {PLATE}.",
        ),
        (
            {"reason": "later-stops", "plate": PLATE, "by": 7},
            f"{PLATE} would reach its next stops 7 min too late.",
        ),
    ],
)
def test_what_nobody_takes_says_why_and_what_it_would_take(why, reason):
    day = board(left=[left(why=why)], latest=plan(PlanState.DRAFT))
    (waiting,) = seen(day).waiting
    assert waiting.reason == reason
    assert (waiting.letter, waiting.place, waiting.weight_kg, waiting.temperature) == ("A", "Store 1", 120, "chilled")
    assert waiting.window == "06:00–09:00"
    (chinese,) = seen(day, ZH).waiting
    assert "。 " not in chinese.reason and chinese.reason != reason


def test_a_shipment_that_no_plan_has_seen_needs_no_reason():
    assert seen(board(left=[left()])).waiting[0].reason == ""


def test_a_vehicle_that_a_change_would_make_fit_is_led_to():
    why = {"reason": "capacity", "plate": PLATE, "by": 20, "weight": 4020}
    (waiting,) = seen(board(left=[left(why=why)]), vehicles={PLATE: LORRY.id}).waiting
    assert waiting.change == Change(PLATE, f"/dispatch/vehicles/{LORRY.id}")
    assert seen(board(left=[left(why=why)])).waiting[0].change is None, "it is gone"
    closed = {"reason": "window", "plate": PLATE, "begins": morning(9), "closes": morning(10)}
    assert seen(board(left=[left(why=closed)]), vehicles={PLATE: LORRY.id}).waiting[0].change is None
    nobody = {"reason": "no-vehicle", "also": []}
    assert seen(board(left=[left(why=nobody)]), vehicles={PLATE: LORRY.id}).waiting[0].change is None


def test_the_map_shows_each_depot_once_names_each_route_and_lifts_what_is_left_out():
    second = tour(call(1, stop(morning(6)), where=OTHER), number=2)
    third = rows.place(CHAIN, PlaceKind.STORE, "Store 3")
    chart = seen(board(ON_TIME, second, left=[left(where=OTHER), left("B", where=third)])).chart
    assert chart is not None
    assert [(point.text, point.kind, point.label) for point in chart.points] == [
        ("D", "depot", "Jinan depot"),
        ("1", "done", "R1"),
        ("2", "stop", ""),
        ("1", "stop", "R2"),
        ("A", "un", ""),
        ("B", "un", ""),
    ]
    assert chart.points[4].latitude > OTHER.latitude
    home = (DEPOT.latitude, DEPOT.longitude)
    assert [(leg.places[0], leg.places[-1], leg.route) for leg in chart.legs] == [(home, home, 1), (home, home, 2)]
    assert chart.label.startswith("Map of 2 routes and 2 unassigned shipments")
    assert seen(board()).chart is None


def test_a_vehicles_line_says_in_words_what_it_draws():
    timeline = seen(board(ON_TIME, published=PUBLISHED, at=morning(6, 15))).timeline
    assert timeline is not None and timeline.present is not None and timeline.present.clock == "06:15"
    assert [hour.clock for hour in timeline.hours] == ["08:00", "10:00"], "06:00 would touch the present"
    (line,) = timeline.lines
    assert line.description == "R1: 1 of 2 stops done, leaves 05:00, back 08:00"
    assert (line.plate, line.driver) == (PLATE, "Zhao")
    assert line.left < line.reached < timeline.present.x < line.right
    assert [(block.fill, block.ink) for block in line.blocks] == [("f1 c1", "b inv"), ("plan c1", "b")]


def test_a_call_after_closing_stands_out_and_a_day_elsewhere_has_no_present():
    late = tour(call(1, stop(morning(6), expected_at=morning(10))))
    timeline = seen(board(late, at=EVENING)).timeline
    assert timeline is not None and timeline.present is None
    assert timeline.lines[0].blocks[0].fill == "late"
    assert timeline.lines[0].reached == timeline.lines[0].left


@pytest.mark.parametrize(
    ("route", "at", "state"),
    [
        (tour(call(1, stop(morning(6))), excursions=[excursion(9.4)]), EVENING, ("9.4 ℃", "cold", "stop")),
        (tour(call(1, stop(morning(6))), published=False), EVENING, ("Draft", "draft", "")),
        (tour(call(1, stop(morning(6), **handed_over(morning(6))))), EVENING, ("Done", "ok", "ok")),
        (ON_TIME, morning(7, 25), ("25 min behind", "clock", "warn")),
        (ON_TIME, morning(7, 5), ("On time", "ok", "ok")),
    ],
)
def test_how_a_route_stands(route, at, state):
    assert tour_state(route, EN, at=at) == state


# The shipments


@pytest.mark.parametrize(
    ("way", "receipt", "word"),
    [
        (None, None, "Announced"),
        (stop(morning(6)), None, "On a route"),
        (stop(morning(6), arrived_at=morning(6)), None, "Arrived"),
        (stop(morning(6), **handed_over(morning(6))), None, "Handed over"),
        (stop(morning(6)), Receipt(received_at=morning(7)), "Received"),
    ],
)
def test_a_shipment_says_how_far_it_is(way, receipt, word):
    standing = Standing(shipment(), STORE, CHAIN, way, receipt)
    (row,) = shipments_page(CountedPage([standing], 1), EN, day=None).rows
    assert row.state.word == word
    assert (row.place, row.buyer, row.weight_kg, row.temperature) == ("Store 1", "Hejia", 120, "chilled")
    assert row.plate == (PLATE if way else "–")


def test_a_shipment_to_a_place_that_a_haulier_cannot_read_is_listed_all_the_same():
    (row,) = shipments_page(CountedPage([Standing(shipment(), None, None, None, None)], 1), EN, day=None).rows
    assert (row.place, row.buyer) == ("", "")


def test_the_list_is_taken_away_as_it_was_searched():
    page = shipments_page(CountedPage([], 51, Search("S 1", 2, sort="-weight")), EN, day=WEDNESDAY)
    asked = "q=S%201&day=2026-11-25&sort=-weight"
    assert page.export == f"/dispatch/shipments.csv?{asked}"
    assert (page.paging.earlier, page.paging.later) == (f"/dispatch/shipments?{asked}&p=1", "")
    assert (page.kept, page.sort) == ([("day", "2026-11-25")], "-weight")


def test_the_list_says_how_many_shipments_there_are_and_is_sorted_by_what_a_dispatcher_loads_by():
    page = shipments_page(CountedPage([], 51, Search(sort="pallets")), ZH, day=None)
    assert page.lead.startswith("51批货") and page.columns[1].name == "store_zh"
    assert [column.name for column in page.columns if column.sort == "ascending"] == ["pallets"]
    assert [column.word for column in page.columns if not column.sort] == ["温度", "状态"]
