"""What a dispatcher, a driver and a storekeeper read on their pages, in Chinese and in English, from plain values."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest

from hub.models.base import uuid7
from hub.models.catalogue import Lot, Temperature, TradeItem
from hub.models.inventory import LotStock, StockLevel
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind, User
from hub.models.trade import Shipment, ShipmentLine
from hub.web.i18n import Language, language
from logistics.drive.view import DriverRoute, drive_page
from logistics.fleet.view import choices_of, vehicle_page, vehicles_page
from logistics.models import Excursion, PlanState, Reading, Receipt, ReceiptLine, Route, RoutePlan, Stop, Vehicle
from logistics.plan import view as plan_view
from logistics.plan.board import Board, Call, Left, Tour
from logistics.plan.view import BoardPage, board_page, progress_of, shipments_page, tour_state
from logistics.receive.receiving import Announced
from logistics.receive.store import Delivery, Only, Shelf
from logistics.receive.view import (
    DeliveryPage,
    StorePage,
    deliveries_page,
    delivery_page,
    delivery_state,
    stock_page,
    store_page,
)
from logistics.shipments import Consignment, Standing
from logistics.view import excursion_sentence, paging, spoken_by
from tests import factories
from tests.logistics.conftest import EVENING, WEDNESDAY, morning

EN, ZH = language("en"), language("zh")
PLATE = "鲁A·K3071"


def party(name: str, kind: OrganizationKind) -> Organization:
    own = uuid7()
    return Organization(id=own, owner_id=own, kind=kind, name_zh=f"{name}（中）", name_en=name, gln=factories.gln(700))


HAULIER = party("Luyun", OrganizationKind.HAULIER)
CHAIN = party("Hejia", OrganizationKind.RETAILER)
FARM = party("Qinghe", OrganizationKind.SUPPLIER)


def place(owner: Organization, name: str, kind: PlaceKind = PlaceKind.STORE) -> Place:
    made = factories.place(owner, kind, name)
    made.id, made.name_zh = uuid7(), f"{name}（中）"
    return made


DEPOT = place(HAULIER, "Jinan depot", PlaceKind.DEPOT)
STORE, OTHER = place(CHAIN, "Store 1"), place(CHAIN, "Store 2")
LORRY = Vehicle(owner_id=HAULIER.id, plate=PLATE, depot_id=DEPOT.id, temperature=Temperature.CHILLED,
                capacity_kg=Decimal(4000), capacity_pallets=Decimal(8))  # fmt: skip
ZHAO = User(owner_id=HAULIER.id, name="Zhao", email="zhao@example.org", password="")


def shipment(number: str = "S-1", kg: float = 120.4) -> Shipment:
    return Shipment(
        id=uuid7(),
        owner_id=FARM.id,
        buyer_id=CHAIN.id,
        number=number,
        sscc="369012300000000016",
        deliver_to_id=STORE.id,
        deliver_on=WEDNESDAY,
        temperature=Temperature.CHILLED,
        weight_kg=Decimal(str(kg)),
        pallets=Decimal("0.5"),
    )


def stop(planned: datetime, **more: Any) -> Stop:
    """A stop that is planned for then, takes ten minutes, and whose place closes at nine."""
    times = {"planned_at": planned, "expected_at": planned, "leaves_at": planned + timedelta(minutes=10)}
    return Stop(id=uuid7(), plate=PLATE, opens_at=morning(5), closes_at=morning(9), **(times | more))


def call(number: int, *stops: Stop, where: Place = STORE) -> Call:
    return Call(number, where, stops, [shipment(f"S-{number}") for _stop in stops], CHAIN)


def handed_over(at: datetime) -> dict[str, Any]:
    return {"arrived_at": at, "delivered_at": at + timedelta(minutes=10), "received_by": "Wang"}


def tour(*calls: Call, published: bool = True, excursions: list[Excursion] | None = None, number: int = 1) -> Tour:
    route = Route(distance_m=12_600, departs_at=morning(5), returns_at=morning(8))
    return Tour(f"R{number}", number, route, LORRY, DEPOT, ZHAO, published, calls, excursions or [])


def excursion(celsius: float, *, above: bool = True) -> Excursion:
    return Excursion(
        above=above, celsius=Decimal(str(celsius)), lowest=Decimal(0), highest=Decimal(8), read_at=morning(6)
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
ON_TIME = tour(call(1, stop(morning(6), **handed_over(morning(6)))), call(2, stop(morning(7)), where=OTHER))


# What several rooms say


def test_too_warm_and_too_cold_say_what_was_allowed():
    assert excursion_sentence(excursion(9.4), EN) == "Too warm on the way: 9.4 ℃, allowed up to 8.0 ℃."
    assert excursion_sentence(excursion(-3, above=False), EN) == "Too cold on the way: −3.0 ℃, allowed down to 0.0 ℃."
    assert excursion_sentence(excursion(9.4), ZH) != excursion_sentence(excursion(9.4), EN)


def test_only_what_the_driver_did_not_say_himself_names_who_said_it():
    assert spoken_by("dispatcher", EN) == "said by the dispatcher for the driver"
    assert spoken_by("device", EN) == "told by a device"
    assert spoken_by("driver", EN) == ""


def test_a_list_leads_to_its_earlier_and_later_pages_and_keeps_what_was_asked():
    there = paging("/store/stock", {"q": "T 1&2"}, 2, more=True)
    assert (there.earlier, there.later) == ("/store/stock?q=T+1%262&p=1", "/store/stock?q=T+1%262&p=3")
    alone = paging("/store/stock", {"q": ""}, 1, more=False)
    assert (alone.earlier, alone.later) == ("", "")


# The dispatcher's board


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
    assert waiting.change == plan_view.Change(PLATE, f"/dispatch/vehicles/{LORRY.id}")
    assert seen(board(left=[left(why=why)])).waiting[0].change is None, "it is gone"
    closed = {"reason": "window", "plate": PLATE, "begins": morning(9), "closes": morning(10)}
    assert seen(board(left=[left(why=closed)]), vehicles={PLATE: LORRY.id}).waiting[0].change is None
    nobody = {"reason": "no-vehicle", "also": []}
    assert seen(board(left=[left(why=nobody)]), vehicles={PLATE: LORRY.id}).waiting[0].change is None


def test_the_map_shows_each_depot_once_names_each_route_and_lifts_what_is_left_out():
    second = tour(call(1, stop(morning(6)), where=OTHER), number=2)
    chart = seen(board(ON_TIME, second, left=[left(where=OTHER), left("B", where=place(CHAIN, "Store 3"))])).chart
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


# The haulier's shipments


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
    (row,) = shipments_page([standing], EN, search="", day=None, number=1, more=False).rows
    assert row.state.word == word
    assert (row.place, row.buyer, row.weight_kg, row.temperature) == ("Store 1", "Hejia", 120, "chilled")
    assert row.plate == (PLATE if way else "–")


def test_a_shipment_to_a_place_that_a_haulier_cannot_read_is_listed_all_the_same():
    (row,) = shipments_page(
        [Standing(shipment(), None, None, None, None)], EN, search="", day=None, number=1, more=False
    ).rows
    assert (row.place, row.buyer) == ("", "")


def test_the_list_is_taken_away_as_it_was_searched():
    page = shipments_page([], EN, search="S 1", day=WEDNESDAY, number=2, more=False)
    assert page.export == "/dispatch/shipments.csv?q=S+1&day=2026-11-25"
    assert (page.paging.earlier, page.paging.later) == ("/dispatch/shipments?q=S+1&day=2026-11-25&p=1", "")


# The store


def item(name: str, unit: str = "KGM") -> TradeItem:
    made = factories.item(FARM, name, unit)
    made.id = uuid7()
    return made


TOMATO, EGGS = item("Tomato"), item("Eggs", "H87")
THURSDAY = WEDNESDAY + timedelta(days=1)


def delivery(
    way: Stop | None = None,
    receipt: Receipt | None = None,
    *excursions: Excursion,
    number: str = "S-1",
    day: date = WEDNESDAY,
    supplier: Organization | None = FARM,
) -> Delivery:
    announced = shipment(number)
    announced.deliver_on, announced.sscc = day, f"sscc-{number}"
    return Delivery(announced, STORE, supplier, way, receipt, excursions)


def received(**more: Any) -> Receipt:
    return Receipt(received_at=morning(8), **more)


def stores_day(
    *waiting: Delivery, speaks: Language = EN, places: tuple[Place, ...] = (STORE,), **more: Any
) -> StorePage:
    """What a storekeeper gets in the morning."""
    nothing: dict[str, Any] = {"received": [], "short": [], "low": [], "near": [], "lows": 0, "nears": 0}
    return store_page(places, speaks, day=WEDNESDAY, at=morning(6), waiting=waiting, **(nothing | more))


ON_ROUTE, AT_DOOR = stop(morning(7)), stop(morning(6), arrived_at=morning(6), arrived_as="driver")


@pytest.mark.parametrize(
    ("waiting", "done", "summary"),
    [
        ([delivery(ON_ROUTE), delivery(AT_DOOR)], [], "1 delivery is at the door: count it."),
        (
            [delivery(stop(morning(8))), delivery(ON_ROUTE), delivery()],
            [],
            "3 deliveries are still to come today; the next at 07:00.",
        ),
        ([delivery()], [], "1 delivery is announced for today, not yet on a route."),
        ([], [delivery(None, received())], "Everything announced for today was counted."),
        ([delivery(day=THURSDAY)], [], "No delivery is announced for today."),
    ],
)
def test_a_stores_day_opens_with_what_comes_next(waiting, done, summary):
    assert stores_day(*waiting, received=done).summary == summary


def test_what_comes_today_stands_in_the_order_of_its_coming_and_the_next_is_counted_first():
    late, soon, unplanned = delivery(stop(morning(8)), number="S-8"), delivery(ON_ROUTE, number="S-7"), delivery()
    day = stores_day(late, unplanned, soon, delivery(day=THURSDAY, number="S-9"))
    assert [row.reference for row in day.coming] == ["S-7", "S-8", "S-1"]
    assert [(row.expected, row.plate) for row in day.coming] == [("07:00", PLATE), ("08:00", PLATE), ("Wed 25 Nov", "")]
    assert (day.next_sscc, day.next_day) == ("sscc-S-7", THURSDAY)
    assert stores_day(late, delivery(AT_DOOR, number="S-6"), soon).next_sscc == "sscc-S-6"
    assert stores_day(unplanned).next_sscc == ""


def test_who_works_at_several_stores_reads_which_store_a_delivery_is_for():
    alone, several = stores_day(delivery()), stores_day(delivery(), places=(STORE, OTHER))
    assert (alone.name, alone.coming[0].reference) == ("Store 1", "S-1")
    assert (several.name, several.coming[0].reference) == ("", "S-1 · Store 1")


def test_what_was_too_warm_is_told_by_its_latest_measurement():
    day = stores_day(delivery(AT_DOOR, None, excursion(9.4), excursion(-2, above=False), number="S-5"))
    assert day.warm[0].sentence == "Too cold on the way: −2.0 ℃, allowed down to 0.0 ℃."
    assert (day.warm[0].supplier, day.coming[0].excursion) == ("Qinghe", "−2.0 ℃")


def test_what_was_short_is_told_by_how_much_and_why():
    def line(reason: str) -> tuple[ReceiptLine, TradeItem, Shipment]:
        return ReceiptLine(announced=Decimal(120), quantity=Decimal(70), reason=reason), TOMATO, shipment()

    day = stores_day(short=[line("damaged"), line("fell off % the lorry"), *[line("missing")] * 8])
    assert [(short.difference, short.reason) for short in day.short[:2]] == [
        ("−50 kg", "Damaged"),
        ("−50 kg", "fell off % the lorry"),
    ]
    assert (len(day.short), day.shorts) == (8, 10)


def shelf(on_hand: int, safety: int, *lots: LotStock, of: TradeItem = TOMATO) -> Shelf:
    return Shelf(StockLevel(on_hand=Decimal(on_hand), safety=Decimal(safety)), of, STORE, lots)


def lot(number: str, best_before: date | None = None) -> LotStock:
    return LotStock(lot=number, on_hand=Decimal(3), best_before=best_before)


def test_of_each_item_the_first_lot_near_its_date_is_named():
    fresh = lot("T-9", WEDNESDAY + timedelta(days=4))
    near = [shelf(9, 0, lot("T 7/1", WEDNESDAY - timedelta(days=1)), lot("T-8", WEDNESDAY)), shelf(9, 0, fresh)]
    day = stores_day(near=[*near, shelf(9, 0, lot("T-1", THURSDAY))], nears=2)
    assert [(found.number, found.tone, found.on_hand) for found in day.near] == [
        ("T 7/1", "t-stop", "3 kg"),
        ("T-1", "t-warn", "3 kg"),
    ]
    assert day.near[0].address == f"/01/{TOMATO.gtin}/10/T%207/1"


def test_what_runs_low_is_told_with_its_safety_level():
    assert stores_day(low=[shelf(3, 40)], lows=1).low[0] == ("Tomato", "3 kg", "40 kg")


@pytest.mark.parametrize(
    ("way", "receipt", "state"),
    [
        (None, None, ("Announced", "box", "")),
        (ON_ROUTE, None, ("On the way", "truck", "")),
        (AT_DOOR, None, ("At the door", "truck", "act")),
        (stop(morning(6), **handed_over(morning(6))), None, ("To be counted", "clock", "warn")),
        (AT_DOOR, received(), ("Received", "ok", "ok")),
        (AT_DOOR, received(disputed=True), ("Disputed", "stop", "stop")),
    ],
)
def test_how_far_a_delivery_is(way, receipt, state):
    assert delivery_state(delivery(way, receipt), EN) == state


def test_what_is_due_is_to_be_counted_and_the_rest_to_be_looked_at():
    def action(held: Delivery) -> tuple[str, str]:
        page = deliveries_page([held], [STORE], EN, state="open", search="", at=morning(6), number=1, more=False)
        return page.rows[0].action, page.rows[0].action_label

    assert action(delivery(AT_DOOR)) == action(delivery()) == ("Count", "Count S-1")
    assert action(delivery(ON_ROUTE)) == action(delivery(AT_DOOR, received())) == ("View", "View S-1")


def test_a_list_of_deliveries_keeps_what_was_searched_from_tab_to_tab():
    page = deliveries_page(
        [delivery(ON_ROUTE)], [STORE], EN, state="all", search="S 1", at=EVENING, number=1, more=True
    )
    assert page.rows[0].expected == "25 Nov, 07:00", "a list may go over several days"
    assert page.finds == "/store/deliveries?state=all"
    assert [(tab.word, tab.current) for tab in page.tabs] == [("To be counted", False), ("All", True)]
    assert page.tabs[0].address == "/store/deliveries?state=open&q=S+1"
    assert page.paging.later == "/store/deliveries?state=all&q=S+1&p=2"


def announced(of: TradeItem = TOMATO, number: str = "T-88", best_before: date | None = None) -> Announced:
    line = ShipmentLine(id=uuid7(), quantity=Decimal(120), unit=of.unit)
    return Announced(line, Lot(owner_id=FARM.id, number=number, best_before=best_before), of)


def counting(held: Delivery, *lines: Announced, speaks: Language = EN, **more: Any) -> DeliveryPage:
    """What a storekeeper gets to count a delivery."""
    return delivery_page(held, lines, speaks, **({"counted": {}, "readings": [], "recalled": set()} | more))


def by(role: str) -> Stop:
    return stop(morning(6), arrived_at=morning(6), arrived_as=role)


@pytest.mark.parametrize(
    ("held", "summary"),
    [
        (delivery(), "Announced for Wed 25 Nov; no route is published yet."),
        (delivery(ON_ROUTE), f"Expected 25 Nov, 07:00 with {PLATE}."),
        (delivery(by("driver")), "It is here: count every line, then receive it."),
        (
            delivery(by("dispatcher")),
            "Arrived: said by the dispatcher for the driver. It is here: count every line, then receive it.",
        ),
        (delivery(by("device")), "Arrived: told by a device. It is here: count every line, then receive it."),
        (delivery(AT_DOOR, received()), "Counted 25 Nov, 08:00. A receipt is final."),
    ],
)
def test_a_delivery_opens_with_what_is_to_be_done(held, summary):
    assert counting(held).summary == summary


def test_a_delivery_from_somebody_unknown_goes_by_its_number():
    assert counting(delivery(supplier=None)).supplier == "S-1"
    assert counting(delivery(), speaks=ZH).supplier == "Qinghe（中）"


def test_a_line_to_count_names_item_lot_and_what_was_announced():
    page = counting(delivery(AT_DOOR), announced(best_before=THURSDAY), announced(EGGS, "E/12"))
    tomato, eggs = page.to_count
    assert (tomato.item, tomato.announced, tomato.unit, tomato.best_before) == ("Tomato", "120 kg", "kg", "Thu 26 Nov")
    assert tomato.legend == "Count of Tomato, lot T-88"
    assert (eggs.announced, eggs.unit, eggs.best_before) == ("120 pieces", "pieces", "–")
    assert eggs.lot.address == f"/01/{EGGS.gtin}/10/E/12"
    assert page.reasons[:2] == [("", "Choose"), ("damaged", "Damaged")]


def test_a_recalled_lot_warns_of_the_delivery_that_brings_it():
    page = counting(delivery(AT_DOOR), announced(), announced(EGGS), recalled={(EGGS.id, "T-88")})
    assert page.recalled and [line.lot.recalled for line in page.to_count] == [False, True]
    assert not counting(delivery(AT_DOOR), announced(), recalled={(EGGS.id, "T-88")}).recalled


def test_goods_that_were_too_warm_are_to_be_looked_at_until_they_are_accepted():
    (open_still,) = counting(delivery(AT_DOOR, None, excursion(9.4))).excursions
    assert open_still.measured == "Measured 25 Nov, 06:00. Look at the goods before you accept them."
    assert counting(delivery(AT_DOOR, received(), excursion(9.4))).excursions[0].measured == "Measured 25 Nov, 06:00."


def test_the_last_twelve_temperatures_are_shown_of_all_that_were_measured():
    readings = [Reading(celsius=Decimal(number), read_at=morning(6, number)) for number in range(14)]
    page = counting(delivery(AT_DOOR), readings=readings)
    assert (len(page.measurements), page.measured) == (12, 14)
    assert (page.measurements[0].when, page.measurements[0].celsius) == ("25 Nov, 06:02", "2.0 ℃")


def test_a_receipt_shows_what_was_short_and_whether_it_is_in_the_ledger():
    full, part = announced(), announced(EGGS)
    counts = {
        full.line.id: ReceiptLine(announced=Decimal(120), quantity=Decimal(120)),
        part.line.id: ReceiptLine(announced=Decimal(120), quantity=Decimal(1), reason="too-old"),
    }
    waiting = counting(delivery(AT_DOOR, received(note="Hm")), full, part, counted=counts)
    assert waiting.to_count == [] and waiting.counted is not None and waiting.counted.note == "Hm"
    assert waiting.counted.record == ("Waiting to be sealed", "clock", "")
    assert [(line.accepted, line.tone, line.reason) for line in waiting.counted.lines] == [
        ("120 kg", "", ""),
        ("1 piece", "t-warn", "Too old"),
    ]
    recorded = counting(delivery(AT_DOOR, received(event_id=uuid7())), full, part, counted=counts).counted
    assert recorded is not None and recorded.record == ("Recorded", "sealed", "")
    assert recorded.record_sentence == "The hand-over is in the ledger's records."


def stock(*shelves: Shelf, only: Only = Only.ALL, search: str = "", places: tuple[Place, ...] = (STORE,)) -> Any:
    """What a storekeeper gets of the shelves."""
    return stock_page(
        shelves,
        places,
        EN,
        day=WEDNESDAY,
        only=only,
        search=search,
        counts={Only.ALL: 1240, Only.LOW: 2, Only.NEAR: 3},
        recalled={(TOMATO.id, "T-3")},
        number=1,
        more=False,
    )


def test_a_shelf_says_what_is_low_and_which_lots_go_first():
    dates = [WEDNESDAY - timedelta(days=1), WEDNESDAY + timedelta(days=3), WEDNESDAY + timedelta(days=4), None]
    lots = [lot(f"T-{number}", best_before) for number, best_before in enumerate([*dates, None, None])]
    row = stock(shelf(3, 40, *lots)).rows[0]
    assert (row.on_hand, row.safety, row.state.word, row.tone, row.more) == ("3 kg", "40 kg", "Low", "t-warn", 2)
    assert [(shown.tone, shown.past) for shown in row.lots] == [
        ("t-stop", True),
        ("t-warn", False),
        ("mute", False),
        ("mute", False),
    ]
    assert [shown.link.recalled for shown in row.lots] == [False, False, False, True]


def test_a_shelf_without_a_safety_level_has_enough():
    row = stock(shelf(3, 0)).rows[0]
    assert (row.safety, row.state.word, row.tone, row.more) == ("–", "Enough", "", 0)


def test_the_parts_of_the_stock_say_how_much_is_in_them():
    page = stock(only=Only.LOW, search="T 1", places=(STORE, OTHER))
    assert page.many and page.summary == "2 items run low; 3 have a lot within three days of its date."
    assert [(tab.word, tab.count, tab.current) for tab in page.tabs] == [
        ("All", 1240, False),
        ("Running low", 2, True),
        ("Near their date", 3, False),
    ]
    assert page.export == "/store/stock.csv?only=low&q=T+1"


@pytest.mark.parametrize(
    ("only", "search", "title", "leads_on"),
    [
        (Only.LOW, "x", "No item matches.", True),
        (Only.LOW, "", "Nothing runs low.", True),
        (Only.NEAR, "", "No lot is near its date.", True),
        (Only.ALL, "", "No stock is known yet.", False),
    ],
)
def test_an_empty_list_of_shelves_says_why(only, search, title, leads_on):
    nothing = stock(only=only, search=search).nothing
    assert nothing[0] == title and ("/store/stock" in nothing) is leads_on


# The driver


def driving(route: Tour, speaks: Language = EN) -> DriverRoute:
    """What the driver gets on his phone."""
    (shown,) = drive_page([route], HAULIER, speaks, day=WEDNESDAY).routes
    return shown


@pytest.mark.parametrize(
    ("calls", "summary"),
    [
        ([call(1, ON_ROUTE)], "Next: Store 1, expected at 07:00."),
        ([call(1, AT_DOOR)], "You are at Store 1: hand over."),
        ([call(1, stop(morning(6), **handed_over(morning(6))))], "All done. Drive back to Jinan depot."),
    ],
)
def test_a_driver_reads_first_what_to_do_next(calls, summary):
    assert driving(tour(*calls)).summary == summary


def test_a_driver_goes_from_call_to_call():
    done = call(1, stop(morning(6), **handed_over(morning(6))))
    route = driving(tour(done, call(2, ON_ROUTE, ON_ROUTE, where=OTHER), call(3, stop(morning(8)))))
    assert route.progress == "1 of 3" and route.next is not None
    assert [line.stage for line in route.calls] == ["over", "here", ""]
    assert (route.next.stop_id, route.next.arrived) == (ON_ROUTE.id, False)
    assert (route.next.line.place, route.next.line.window, route.next.line.weight_kg) == ("Store 2", "05:00–09:00", 241)
    assert [(goods.number, goods.weight_kg) for goods in route.next.goods] == [("S-2", 120), ("S-2", 120)]


@pytest.mark.parametrize(
    ("way", "state"),
    [
        (ON_ROUTE, None),
        (stop(morning(7), expected_at=morning(9, 30)), ("09:30", "clock", "warn")),
        (AT_DOOR, ("Arrived", "pin", "act")),
        (stop(morning(6), **handed_over(morning(6))), ("06:10", "ok", "ok")),
    ],
)
def test_a_call_that_comes_in_time_is_told_by_its_time_alone(way, state):
    assert driving(tour(call(1, way))).calls[0].state == state


def test_a_call_is_over_once_everything_is_handed_over_and_says_who_said_so():
    over = handed_over(morning(6))
    assert driving(tour(call(1, stop(morning(6), **over), AT_DOOR))).calls[0].handed_over == ""
    himself, for_him = (
        driving(tour(call(1, stop(morning(6), **over, delivered_as=role)))).calls[0].handed_over
        for role in ("driver", "dispatcher")
    )
    assert himself == "Handed over to Wang at 06:10."
    assert for_him == "Handed over to Wang at 06:10. said by the dispatcher for the driver"


def test_a_driver_is_warned_of_the_load_until_it_is_handed_over():
    warm = [excursion(8.5), excursion(9.4)]
    assert driving(tour(call(1, AT_DOOR), excursions=warm)).alarms == [
        "Too warm on the way: 9.4 ℃, allowed up to 8.0 ℃. 06:00"
    ]
    over = driving(tour(call(1, stop(morning(6), **handed_over(morning(6)))), excursions=warm))
    assert (over.alarms, over.next) == ([], None)


# The fleet


def van(**more: Any) -> Vehicle:
    told = {
        "plate": PLATE,
        "depot_id": DEPOT.id,
        "temperature": Temperature.FROZEN,
        "capacity_kg": Decimal("12345.5"),
        "capacity_pallets": Decimal(8),
        "shift_start": time(5, 10),
        "shift_end": time(14),
    }
    return Vehicle(id=uuid7(), owner_id=HAULIER.id, **(told | more))


CHOICES = choices_of([DEPOT], [ZHAO], EN)


def test_a_dispatcher_chooses_among_own_depots_and_drivers_or_nobody_yet():
    assert CHOICES.depots == [(str(DEPOT.id), "Jinan depot")]
    assert CHOICES.drivers == [("", "Nobody yet"), (str(ZHAO.id), "Zhao")]
    assert CHOICES.temperatures[1] == ("chilled", "chilled")
    assert choices_of([DEPOT], [], ZH).depots == [(str(DEPOT.id), "Jinan depot（中）")]


def test_only_vehicles_in_service_count_as_those_that_can_be_planned():
    fleet = vehicles_page([(van(), DEPOT, ZHAO), (van(retired_at=EVENING), DEPOT, None)], CHOICES, EN)
    assert fleet.summary == "1 vehicle can be planned."
    assert [(row.driver, row.state.word) for row in fleet.rows] == [("Zhao", "In service"), ("", "Out of service")]
    assert (fleet.rows[0].shift, fleet.rows[0].temperature) == ("05:10–14:00", "frozen")


def test_the_form_for_a_new_vehicle_proposes_a_shift_and_costs():
    entry = vehicles_page([], CHOICES, EN).entry
    assert (entry.plate, entry.temperature, entry.capacity_kg) == ("", "chilled", "")
    assert (entry.shift_start, entry.shift_end, entry.fixed_cost, entry.cost_per_km) == ("04:00", "14:00", 300, 3)


def test_a_vehicles_form_shows_its_figures_as_they_can_be_typed():
    page = vehicle_page(van(), CHOICES, EN)
    assert (page.entry.capacity_kg, page.entry.capacity_pallets) == ("12345.5", "8")
    assert (page.entry.driver_id, page.entry.depot_id, page.entry.shift_start) == ("", str(DEPOT.id), "05:10")
    assert (page.state, page.retired) == (("In service", "ok", "ok"), False)
    assert vehicle_page(van(retired_at=EVENING), CHOICES, EN).retired
