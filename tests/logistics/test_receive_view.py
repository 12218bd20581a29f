"""What a storekeeper reads of a day, its deliveries and the shelves, in Chinese and in English, from plain values."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.lists import CountedPage, Page, Search
from hub.models.base import uuid7
from hub.models.catalogue import Lot, TradeItem
from hub.models.inventory import LotStock, StockLevel
from hub.models.party import Organization, Place
from hub.models.trade import Shipment, ShipmentLine
from hub.web.i18n import Language
from logistics.models import Excursion, Reading, Receipt, ReceiptLine, Stop
from logistics.receive.contents import Announced
from logistics.receive.deliveries_view import deliveries_page, deliveries_sheet
from logistics.receive.delivery_view import DeliveryPage, DeliverySheet, delivery_page
from logistics.receive.stock_view import Stock, stock_page
from logistics.receive.store import Delivery, Only, Shelf
from logistics.receive.store_view import Day, StorePage, store_page
from logistics.receive.view import delivery_state
from tests import rows
from tests.logistics.conftest import EVENING, WEDNESDAY, morning
from tests.logistics.plain import (
    AT_DOOR,
    EN,
    FARM,
    ON_ROUTE,
    OTHER,
    PLATE,
    STORE,
    ZH,
    excursion,
    handed_over,
    shipment,
    stop,
)

TOMATO, EGGS = rows.item(FARM, "Tomato"), rows.item(FARM, "Eggs", unit="H87")
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
    return Receipt(**({"received_at": morning(8), "final_at": morning(8), "told_at": morning(8)} | more))


def stores_day(
    *waiting: Delivery, speaks: Language = EN, places: tuple[Place, ...] = (STORE,), **more: Any
) -> StorePage:
    """What a storekeeper gets in the morning."""
    return store_page(Day(places, WEDNESDAY, morning(6), waiting, **more), speaks)


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
        page = deliveries_page(CountedPage([held], 1, Search(state="open")), [STORE], EN, at=morning(6))
        return page.rows[0].action, page.rows[0].action_label

    assert action(delivery(AT_DOOR)) == action(delivery()) == ("Count", "Count S-1")
    assert action(delivery(ON_ROUTE)) == action(delivery(AT_DOOR, received())) == ("View", "View S-1")


def test_a_list_of_deliveries_keeps_what_was_searched_from_tab_to_tab():
    first = CountedPage([delivery(ON_ROUTE)], 60, Search("S 1", state="all", sort="-weight"))
    page = deliveries_page(first, [STORE], EN, at=EVENING)
    assert page.rows[0].expected == "25 Nov, 07:00", "a list may go over several days"
    assert (page.kept, page.lead[:14]) == ([("state", "all")], "60 deliveries.")
    assert [(tab.word, tab.current) for tab in page.tabs] == [("To be counted", False), ("All", True)]
    assert page.tabs[0].address == "/store/deliveries?state=open&q=S%201&sort=-weight"
    assert page.paging.later == "/store/deliveries?state=all&q=S%201&sort=-weight&p=2"
    assert page.export == "/store/deliveries.csv?state=all&q=S%201&sort=-weight"
    assert [column.word for column in page.columns if column.sort == "descending"] == ["kg"]


@pytest.mark.parametrize(
    ("search", "title", "address"),
    [
        (Search("zz", state="open"), "No delivery matches.", "/store/deliveries?state=all"),
        (Search(state="open"), "Nothing waits to be counted.", "/store/deliveries?state=all"),
        (Search(state="all"), "No delivery was announced yet.", ""),
    ],
)
def test_a_list_without_deliveries_says_why_and_where_there_are_more(search, title, address):
    nothing = deliveries_page(CountedPage([], 0, search), [STORE], EN, at=EVENING).nothing
    assert (nothing.title, nothing.address) == (title, address) and nothing.text


def test_deliveries_are_taken_away_with_who_sent_them_and_when_they_come():
    headings, (row,) = deliveries_sheet([delivery(ON_ROUTE)], EN)
    told = dict(zip(headings, row, strict=True))
    assert (told["Dispatch advice"], told["From"], told["State"]) == ("S-1", "Qinghe", "On the way")
    assert told["Expected"] and told["kg"] and told["Vehicle"] == PLATE


def announced(of: TradeItem = TOMATO, number: str = "T-88", best_before: date | None = None) -> Announced:
    line = ShipmentLine(id=uuid7(), quantity=Decimal(120), unit=of.unit)
    return Announced(line, Lot(owner_id=FARM.id, number=number, best_before=best_before), of)


def counting(held: Delivery, *lines: Announced, speaks: Language = EN, **more: Any) -> DeliveryPage:
    """What a storekeeper gets to count a delivery."""
    return delivery_page(DeliverySheet(held, lines, day=WEDNESDAY, **more), speaks)


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
            "It is here: count every line, then receive it. The dispatcher said so for the driver.",
        ),
        (delivery(by("device")), "It is here: count every line, then receive it. A device said so."),
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
    counts = {Only.ALL: 1240, Only.LOW: 2, Only.NEAR: 3}
    found = Page(shelves, search=Search(search))
    return stock_page(Stock(found, places, WEDNESDAY, only, counts, recalled={(TOMATO.id, "T-3")}), EN)


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


@pytest.mark.parametrize(
    ("best_before", "asked", "said"),
    [
        (THURSDAY, 4, "1 day left"),
        (WEDNESDAY, 1, "0 days left"),
        (WEDNESDAY - timedelta(days=1), 0, "best before is over"),
        (THURSDAY, 1, ""),
        (THURSDAY, None, ""),
        (None, 4, ""),
    ],
)
def test_a_lot_that_is_too_old_on_receipt_is_named_and_marked_where_it_is_counted(best_before, asked, said):
    line = replace(announced(best_before=best_before), least_days_left=asked)
    page = counting(delivery(AT_DOOR), line, announced(EGGS))
    assert [row.too_short for row in page.to_count] == [said, ""]
    assert list(page.too_short) == ([f"Tomato, lot T-88: {said}; you ask for {asked} days on receipt."] if said else [])


def test_as_long_as_nobody_was_told_a_receipt_can_be_undone_and_its_page_says_until_when():
    held = delivery(AT_DOOR, received(told_at=None, final_at=morning(8, 10)))
    page = delivery_page(DeliverySheet(held, [], WEDNESDAY), EN)
    assert page.counted is not None
    assert page.counted.undo == "Nobody was told yet. Until 08:10 you can undo this receipt."
    assert page.summary == "Counted 25 Nov, 08:00."
