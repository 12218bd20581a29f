"""What a buyer and a supplier read on their first pages, in Chinese and in English, from plain values."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import Request

from hub.inventory.assortment import Contested, Offer
from hub.lists import CountedPage, Search
from hub.models.base import uuid7
from hub.models.catalogue import Certificate, Lot, RecallNotice
from hub.models.inventory import Assortment, CommandState, CoreConnection, CoreKind, Drift, LotStock, StockLevel
from hub.models.party import Organization, OrganizationKind, PlaceKind
from hub.models.supply import SupplyTerms
from hub.models.trace import Event, LogAppend
from hub.models.trade import PurchaseOrder
from hub.settings import CHECKOUT
from hub.trace import records
from hub.web.i18n import language
from hub.web.templating import render
from supplier_portal.lots import lot_book
from supplier_portal.lots.lot_book import LotState
from supplier_portal.lots.record_book import RecordRow
from supplier_portal.orders.order_book import ChangedAnswer, OrderRow, OrderStatus
from supplier_portal.orders.scorecard import Scorecard, SupplierRow
from supplier_portal.today import buyer_view, supplier_view, worklist
from supplier_portal.today.buyer_view import BuyerToday, buyer_today
from supplier_portal.today.profile_view import SupplierPage, SupplierSheet, supplier_page
from supplier_portal.today.scorecard_view import SuppliersPage, SuppliersSheet, suppliers_page
from supplier_portal.today.stock_book import Disagreement, LevelRow, LotRow, RecalledLot
from supplier_portal.today.stock_view import Shelves, StockPage, stock_page
from supplier_portal.today.supplier_view import SupplierToday, supplier_today
from supplier_portal.today.worklist import Kind
from tests import rows

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, nine o'clock in Shanghai
TODAY = date(2026, 11, 24)


FARM = rows.party(OrganizationKind.SUPPLIER, "Qinghe", "清河农场")
SHOP = rows.party(OrganizationKind.RETAILER, "Hejia", "合家")
STORE = rows.place(SHOP, PlaceKind.STORE, "Lixia", "历下店")
TOMATO = rows.item(FARM, "Tomato", "番茄")
KEPT = {"owner_id": SHOP.id, "place_id": STORE.id, "trade_item_id": TOMATO.id}


def order(number: str = "PO-1", *, answer_in: float = 8, **more: Any) -> PurchaseOrder:
    """An order of the shop, to be answered in so many hours."""
    return PurchaseOrder(
        owner_id=SHOP.id,
        number=number,
        supplier_id=FARM.id,
        deliver_to_id=STORE.id,
        deliver_on=TODAY,
        respond_by=AT + timedelta(hours=answer_in),
        **more,
    )


def row(state: OrderStatus = OrderStatus.AWAITING, **more: Any) -> OrderRow:
    return OrderRow(order(**more), state, 2, Decimal(10))


def orders(*rows: OrderRow, total: int | None = None) -> CountedPage[OrderRow]:
    return CountedPage(rows, len(rows) if total is None else total)


def level(on_hand: str, safety: str = "40", target: str = "120") -> LevelRow:
    figures = {"on_hand": Decimal(on_hand), "safety": Decimal(safety), "target": Decimal(target)}
    return LevelRow(StockLevel(**KEPT, **figures, as_of=AT), STORE, TOMATO)


def shelf_lot(until: date) -> LotRow:
    return LotRow(LotStock(**KEPT, lot="T-1", on_hand=Decimal(12), best_before=until), STORE, TOMATO)


def recalled(on_hand: int) -> RecalledLot:
    lot = Lot(owner_id=FARM.id, trade_item_id=TOMATO.id, number="T/1")
    reasons = {"reason_zh": "农残超标", "reason_en": "Residue above the limit"}
    return RecalledLot(RecallNotice(owner_id=FARM.id, lot_id=uuid7(), **reasons), lot, TOMATO, Decimal(on_hand))


def html(code: str, template: str, **context: Any) -> str:
    """A page's HTML, as a browser gets it."""
    asked = {"type": "http", "method": "GET", "path": "/", "query_string": b""}
    headers = [(b"host", b"hub"), (b"accept-language", code.encode())]
    return render(Request(asked | {"headers": headers}), template, **context)


# The buyer's first page


def counts(**more: int) -> dict[OrderStatus, int]:
    return dict.fromkeys(OrderStatus, 0) | {OrderStatus(state): count for state, count in more.items()}


QUIET = buyer_view.Day(
    own=SHOP, at=AT, counts=counts(), organizations={FARM.id: FARM}, places={STORE.id: STORE}, most=2
)
BUSY = replace(
    QUIET,
    counts=counts(proposed=2, overdue=1),
    waiting=orders(row(number="PO-2"), row(OrderStatus.OVERDUE, number="PO-1", answer_in=-1), total=5),
    coming=[row(OrderStatus.CONFIRMED), row(OrderStatus.SHIPPED)],
    changed=[ChangedAnswer(order("PO-9"), AT)],
    recalled=[recalled(12), recalled(0)],
    below=CountedPage([level("0"), level("3")], 7),
    shortages=1,
    ending=CountedPage([shelf_lot(TODAY), shelf_lot(TODAY - timedelta(days=1))], 3),
    drifts=[Disagreement(Drift(**KEPT, lot="T-1", hub=Decimal(12), core=Decimal(10), found_at=AT), STORE, TOMATO)],
    commands={CommandState.REFUSED: 1},
)


def buyers(day: buyer_view.Day = BUSY, code: str = "en") -> BuyerToday:
    return buyer_today(day, language(code))


CORE = CoreConnection(owner_id=SHOP.id, kind=CoreKind.REST, url="https://core.example.com", token="")


@pytest.mark.parametrize(
    ("compared", "said"),
    [(None, "Not compared yet"), (AT - timedelta(hours=3), "Agree")],
)
def test_that_hub_and_core_agree_is_said_of_a_comparison_that_took_place(compared, said):
    connection = CoreConnection(**CORE.model_dump() | {"compared_at": compared})
    assert buyers(replace(QUIET, connection=connection)).core.state.word == said


def test_where_no_stock_system_is_connected_the_page_says_so_and_leads_administrators_there():
    for connection in (None, CoreConnection(**CORE.model_dump() | {"ended_at": AT, "compared_at": AT})):
        core = buyers(replace(QUIET, connection=connection)).core
        assert (core.state.word, core.text, core.connect) == ("Not connected", "No stock system is connected.", "")
    assert buyers(replace(QUIET, administers=True)).core.connect == "/settings/core"


def test_no_store_runs_short_is_said_where_stock_is_known():
    assert buyers(QUIET).below.none.title == "No store runs short."
    assert buyers(replace(QUIET, stocked=False)).below.none.title == "No stock is known yet."


def test_a_buyers_day_opens_with_what_is_to_be_done():
    assert buyers().lead == (
        "2 proposed orders wait for you. 5 orders await their suppliers. 1 is overdue. 2 deliveries are due today."
    )
    assert buyers().proposals and not buyers(QUIET).proposals
    assert buyers(QUIET).lead == "No proposal waits for you."


def test_chinese_sentences_follow_each_other_without_a_space():
    lead = buyers(code="zh").lead
    assert lead.count("。") == 4 and "。 " not in lead


def test_a_buyer_reads_whether_its_stores_still_have_a_recalled_lot():
    held, gone = buyers().recalls
    assert held.title == "Tomato, lot T/1 is recalled."
    assert held.held == "Your stores still have 12 kg of it." and gone.held == ""
    assert buyers(code="zh").recalls[0].reason == "农残超标"


def test_an_empty_shelf_is_told_from_a_low_one():
    empty, low = buyers().below.rows
    assert (empty.on_hand, empty.empty) == ("0 kg", True)
    assert (low.item, low.store, low.on_hand, low.empty) == ("Tomato", "Lixia", "3 kg", False)


def test_of_what_runs_short_it_is_said_how_much_has_nothing_on_order():
    assert buyers().below.unordered == "1 of them has nothing on order."
    assert buyers(replace(BUSY, shortages=0)).below.unordered == ""


def test_the_order_to_be_answered_first_stands_first_and_the_rest_is_counted():
    waiting = buyers().waiting
    assert [order.number for order in waiting.rows] == ["PO-1", "PO-2"]
    assert (waiting.total, waiting.more) == (5, 3)
    assert buyers(QUIET).waiting.more == 0


def test_deliveries_are_counted_by_how_far_they_are():
    states = [OrderStatus.CONFIRMED, OrderStatus.PARTLY, OrderStatus.SHIPPED, OrderStatus.RECEIVED] * 2
    coming = buyers(replace(QUIET, coming=[row(state) for state in [*states, OrderStatus.PART_RECEIVED]])).coming
    assert (coming.total, coming.to_leave, coming.on_the_way, coming.received) == (9, 4, 3, 2)
    assert len(coming.rows) == 6


def test_goods_may_be_sold_through_their_last_day():
    last_day, over = buyers().ending.rows
    assert (last_day.ended, over.ended) == (False, True)


def test_hub_and_core_are_quoted_where_they_disagree():
    core = buyers().core
    assert [(row.lot, row.figures) for row in core.differences] == [("T-1", "hub 12, core 10")]
    assert core.refused == "The core refused 1 receipt." and core.underway == ""
    underway = buyers(replace(BUSY, commands={CommandState.WAITING: 2})).core.underway
    assert underway == "2 receipts are on their way to the core."


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("day", [QUIET, BUSY])
def test_the_buyers_template_lays_out_whatever_the_day_brings(code, day):
    today = buyers(day, code)
    assert today.lead in html(code, "today/buyer.html", today=today)


# The supplier's first page


PARTIES = {FARM.id: FARM, SHOP.id: SHOP}
LOT = Lot(id=uuid7(), owner_id=FARM.id, trade_item_id=TOMATO.id, number="T-70")
STILL = supplier_view.Day(own=FARM, at=AT, organizations=PARTIES, places={STORE.id: STORE})


def certificate(valid_to: date | None, valid_from: date = date(2026, 1, 1), file: str = "") -> Certificate:
    names = {"kind": "green", "name_zh": "绿色食品", "name_en": "Green food", "number": "LB-1", "issuer": "CGFDC"}
    return Certificate(owner_id=FARM.id, **names, valid_from=valid_from, valid_to=valid_to, file_sha256=file)


def trouble(kind: Kind, owner: Organization = FARM, **more: Any) -> worklist.Trouble:
    return worklist.Trouble(kind, None if kind is Kind.CERTIFICATE else AT, owner.id, **more)


def expiring(days: int) -> worklist.Trouble:
    paper = certificate(TODAY + timedelta(days=days))
    return trouble(Kind.CERTIFICATE, certificate=paper, days_left=days)


RECALL = trouble(Kind.RECALL, lot=LOT, item=TOMATO)
SHORT = trouble(Kind.SHORT, SHOP, order=order(), item=TOMATO, sent=Decimal(40), taken=Decimal("38.5"))
CALLED_OFF = trouble(Kind.CANCELLED, SHOP, order=order(cancel_reason="The store is closed"))
WARM = trouble(Kind.EXCURSION, SHOP, celsius=Decimal("10.9"))
TROUBLES = [RECALL, SHORT, CALLED_OFF, WARM, expiring(-1), expiring(2)]
MOVED = worklist.Change(TOMATO, SHOP.id, date(2026, 11, 30), Decimal(80), Decimal(100), [Decimal(80)], [Decimal(100)])


def record(step: str = "packing", *, commitment: bytes | None = b"c", block: int | None = None, sealed: bool = False):
    """A record of two lots; in the log if it is sealed, and in a block if there is one."""
    event = Event(owner_id=FARM.id, type="ObjectEvent", biz_step=step, commitment=commitment, created_at=AT)
    append = LogAppend(number=1, block_number=block) if sealed or block else None
    return RecordRow(event, ["https://id.gs1.org/01/06901234567892/10/T-1"], append)


EVENTFUL = replace(
    STILL,
    overdue=1,
    waiting=orders(
        row(OrderStatus.OVERDUE, number="PO-1", answer_in=-1),
        row(number="PO-2", answer_in=3),
        row(number="PO-3", answer_in=24),
        row(number="PO-4", answer_in=80),
        total=9,
    ),
    troubles=TROUBLES,
    changes=[MOVED],
    records=CountedPage([record(), record(block=1234)], 12),
)


def suppliers(day: supplier_view.Day = EVENTFUL, code: str = "en") -> SupplierToday:
    return supplier_today(day, language(code))


def trouble_shown(*troubles: worklist.Trouble) -> supplier_view.Trouble:
    (first,) = suppliers(replace(STILL, troubles=troubles)).troubles
    return first


def test_a_suppliers_day_opens_with_how_many_orders_wait_and_by_when():
    assert suppliers().lead == "9 orders await your answer. 1 is overdue. The next is due by 24 Nov, 12:00."
    assert suppliers(STILL).lead == "No order awaits your answer."


def test_orders_stand_under_the_day_by_which_they_must_be_answered():
    days = {day.title: [order.number for order in day.rows] for day in suppliers().waiting.days}
    assert days == {"Overdue and today": ["PO-1", "PO-2"], "Tomorrow": ["PO-3"], "Later": ["PO-4"]}
    waiting = suppliers(replace(EVENTFUL, overdue=0, waiting=orders(row(answer_in=3)))).waiting
    assert [day.title for day in waiting.days] == ["Today"]


def test_one_order_is_the_next_to_answer_and_those_not_listed_are_counted():
    waiting = suppliers().waiting
    assert [order.number for day in waiting.days for order in day.rows if order.next] == ["PO-1"]
    assert (waiting.total, waiting.more) == (9, 5)


def test_an_order_is_named_with_its_buyer():
    first = suppliers().waiting.days[0].rows[0]
    assert (first.buyer, first.place) == ("Hejia", "Lixia")
    assert first.address == f"/supplier/orders/PO-1?buyer={SHOP.gln}"


def test_whoever_recalled_a_lot_is_to_close_it():
    own, others = trouble_shown(RECALL), trouble_shown(replace(RECALL, owner_id=SHOP.id))
    assert own.event == "Lot T-70 is recalled: it must not be sent."
    assert own.turn == "You: close it once the goods are accounted for" and others.turn == "Hejia"
    assert own.address == f"/supplier/lots/{LOT.id}"


def test_a_short_count_is_settled_with_the_buyer():
    short = trouble_shown(SHORT)
    assert (short.word, short.event) == ("Short count", "38.5 kg of 40 kg were accepted.")
    assert (short.about, short.order, short.turn) == ("Tomato", "PO-1", "You and Hejia: settle the difference")


def test_an_order_that_was_called_off_says_why():
    assert trouble_shown(CALLED_OFF).event == "Hejia no longer wants it: The store is closed"


def test_goods_that_were_too_warm_are_the_turn_of_whoever_measured_it():
    assert (trouble_shown(WARM).event, trouble_shown(WARM).turn) == ("It was 10.9 ℃ on the way.", "Hejia")
    stranger = trouble_shown(replace(WARM, owner_id=uuid7(), celsius=None))
    assert stranger.event == "The temperature left its limits on the way." and stranger.turn == "The haulier"
    assert stranger.address == ""


@pytest.mark.parametrize(
    ("days", "word", "event"),
    [
        (-1, "Expired", "Green food ended on Mon 23 Nov."),
        (0, "Expiring", "Green food ends in 0 days."),
        (1, "Expiring", "Green food ends in 1 day."),
    ],
)
def test_a_certificate_ends_and_has_ended(days, word, event):
    paper = trouble_shown(expiring(days))
    assert (paper.word, paper.event, paper.about, paper.when) == (word, event, "LB-1", None)


def test_every_trouble_has_an_icon_that_is_drawn():
    sprite = (CHECKOUT / "static" / "icons.svg").read_text()
    assert all(f'id="i-{trouble_shown(trouble).icon}"' in sprite for trouble in TROUBLES)


def test_a_forecast_that_moved_is_shown_with_what_it_was():
    (change,) = suppliers().changes
    assert (change.item, change.unit, change.before, change.now) == ("Tomato", "kg", Decimal(80), Decimal(100))
    assert change.share == Decimal("0.25") and change.address.endswith(f"?buyer={SHOP.gln}")


@pytest.mark.parametrize(
    ("row", "state"),
    [
        (record(block=1234), "block 1,234"),
        (record(sealed=True), "sealed"),
        (record(), "waiting to be sealed"),
        (record(commitment=None), "waiting for your signature"),
    ],
)
def test_a_record_says_how_far_it_is_on_its_way_to_the_chain(row, state):
    (entry,) = suppliers(replace(STILL, records=CountedPage([row], 1))).records.rows
    assert entry.state == state and entry.sealed is (row.append is not None)


@pytest.mark.parametrize(
    ("step", "word"), [(records.SPRAYING, "Sprayed"), ("urn:example:waxing", "waxing"), ("", "ObjectEvent")]
)
def test_a_step_without_a_word_of_ours_is_called_what_its_record_calls_it(step, word):
    (entry,) = suppliers(replace(STILL, records=CountedPage([record(step)], 1))).records.rows
    assert (entry.step, entry.lots) == (word, ["T-1"])


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("day", [STILL, EVENTFUL])
def test_the_suppliers_template_lays_out_whatever_the_day_brings(code, day):
    today = suppliers(day, code)
    shown = html(code, "today/today.html", today=today)
    assert today.lead in shown and all(trouble.word in shown for trouble in today.troubles)


# The buyer's stock


COUNTS = {"all": 120, "below": 1, "ending": 2}
ALL = Shelves(
    at=AT + timedelta(minutes=5),
    today=TODAY,
    part="all",
    rows=CountedPage([level("0"), level("39"), level("40"), level("3", safety="0", target="0")], 120),
    counts=COUNTS,
    stores=[STORE],
)
ENDING = replace(
    ALL, part="ending", rows=CountedPage([shelf_lot(TODAY - timedelta(days=1)), shelf_lot(TODAY)], 2), store=STORE.id
)
BARE = replace(ALL, rows=CountedPage([], 0))


def stock(shelves: Shelves = ALL, code: str = "en") -> StockPage:
    return stock_page(shelves, language(code))


def test_stock_opens_with_how_many_levels_are_too_low():
    assert stock().lead == "1 level is below its safety."
    assert stock(replace(ALL, counts=COUNTS | {"below": 0})).lead == "Every level is above its safety."
    assert stock(replace(BARE, counts=dict.fromkeys(COUNTS, 0))).lead == ""


def test_a_level_is_empty_below_safety_or_enough():
    assert [(level.state.word, level.state.tone, level.alarm) for level in stock().levels] == [
        ("Empty", "stop", "t-stop"),
        ("Below safety", "warn", "t-warn"),
        ("Enough", "ok", ""),
        ("Enough", "ok", ""),
    ]


def test_a_level_that_nobody_set_is_a_dash():
    levels = stock().levels
    assert (levels[0].safety, levels[0].target, levels[0].ago) == ("40", "120", "5 min ago")
    assert (levels[3].safety, levels[3].target) == ("–", "–")


def test_a_lot_has_ended_or_is_named_with_its_last_day():
    page = stock(ENDING)
    assert [(lot.state.word, lot.state.tone) for lot in page.lots] == [
        ("Ended Mon 23 Nov", "stop"),
        ("Tue 24 Nov", "warn"),
    ]
    assert (page.title, page.levels) == ("Ends within three days", [])


def test_what_was_looked_for_stays_when_one_turns_to_another_part():
    page = stock(replace(ALL, part="below", rows=replace(ALL.rows, search=Search("a b&c")), store=STORE.id))
    assert page.export == f"/buyer/stock/export.csv?state=below&q=a%20b%26c&store={STORE.id}"
    assert [(tab.word, tab.count, tab.current) for tab in page.tabs] == [
        ("All", 120, False),
        ("Below safety", 1, True),
        ("Ends within three days", 2, False),
    ]
    assert all(tab.address.endswith(f"&q=a%20b%26c&store={STORE.id}") for tab in page.tabs)
    assert [tab.address for tab in stock().tabs][2] == "/buyer/stock?state=ending"
    assert [store.chosen for store in page.stores] == [True]


@pytest.mark.parametrize("code", ["en", "zh"])
def test_each_part_of_the_stock_is_sorted_by_its_own_columns_within_the_store_that_was_chosen(code):
    rows = replace(ENDING.rows, search=Search("a b", sort="-until"))
    levels, lots = stock(code=code).columns, stock(replace(ENDING, rows=rows), code).columns
    named = [f"item_{code}", f"store_{code}"]
    assert [column.name for column in levels] == [*named, "hand", "safety", "target", "told", ""]
    assert [column.name for column in lots] == [*named, "lot", "hand", "until"]
    assert (lots[4].sort, lots[3].sort) == ("descending", "none")
    assert lots[3].address == f"/buyer/stock?state=ending&q=a%20b&store={STORE.id}&sort=hand"


@pytest.mark.parametrize(
    ("narrowed", "title", "address"),
    [
        ({"rows": CountedPage([], 0, Search("zz"))}, "Nothing here matches.", "/buyer/stock?state=all"),
        ({"store": STORE.id, "part": "ending"}, "Nothing here matches.", "/buyer/stock?state=ending"),
        ({}, "The core has told no stock yet.", ""),
        ({"part": "below"}, "Every level is above its safety.", "/buyer/stock"),
        ({"part": "ending"}, "Nothing on the shelf ends within three days.", "/buyer/stock"),
    ],
)
def test_an_empty_list_says_why_it_is_empty(narrowed, title, address):
    page = stock(replace(BARE, **narrowed))
    assert page.nothing is not None and page.paging is None
    assert (page.nothing.title, page.nothing.address) == (title, address)


@pytest.mark.parametrize(
    ("page", "earlier", "later", "shown"),
    [(1, "", 2, "1–4 of 120"), (2, 1, 3, "51–54 of 120"), (3, 2, "", "101–104 of 120")],
)
def test_a_long_list_leads_to_its_earlier_and_later_pages(page, earlier, later, shown):
    paging = stock(replace(ALL, rows=replace(ALL.rows, search=Search(page=page)))).paging
    base = "/buyer/stock?state=all&p="
    assert paging is not None and paging.shown == shown
    assert paging.earlier == (f"{base}{earlier}" if earlier else "")
    assert paging.later == (f"{base}{later}" if later else "")


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("shelves", [ALL, ENDING, BARE])
def test_the_stocks_template_lays_out_whatever_there_is(code, shelves):
    page = stock(shelves, code)
    shown = html(code, "today/stock.html", stock=page)
    assert all(row.state.word in shown for row in [*page.levels, *page.lots])
    assert ('class="empty"' in shown) is (page.nothing is not None)


def test_every_icon_of_a_state_is_drawn():
    sprite = (CHECKOUT / "static" / "icons.svg").read_text()
    assert all(f'id="i-{row.state.icon}"' in sprite for row in [*stock().levels, *stock(ENDING).lots])


# The buyer's suppliers


SINCE = AT - timedelta(days=28)
CARD = Scorecard(
    FARM.id, orders=9, answered=8, median_hours=2.34, within_time=0.95, delivered=5, on_time_in_full=0.8, fill_rate=0.5
)
UNMEASURED = Scorecard(
    FARM.id,
    orders=1,
    answered=0,
    median_hours=None,
    within_time=None,
    delivered=0,
    on_time_in_full=None,
    fill_rate=None,
)
CONTESTED = Contested(
    Assortment(id=uuid7(), owner_id=SHOP.id, supplier_id=FARM.id, trade_item_id=TOMATO.id, core_code="T-1"),
    Offer(TOMATO, FARM),
    [Offer(TOMATO, rows.party(OrganizationKind.SUPPLIER, "Next door", "隔壁农场"))],
)


def scorecards(
    card: Scorecard | None = None,
    code: str = "en",
    contested: tuple[Contested, ...] = (),
    found: CountedPage[SupplierRow] | None = None,
) -> SuppliersPage:
    listed = found or CountedPage([SupplierRow(FARM, card), SupplierRow(SHOP)], 2)
    return suppliers_page(SuppliersSheet(listed, SINCE, [recalled(12), recalled(0)], contested), language(code))


def test_a_suppliers_shares_are_good_fair_or_bad():
    measured, _ = scorecards(CARD).cards
    shares = [measured.within_time, measured.on_time_in_full, measured.fill_rate]
    assert shares == [("95%", "t-ok"), ("80%", "t-warn"), ("50%", "t-stop")]
    assert (measured.orders, measured.answers_after) == (9, "2.3 h")


@pytest.mark.parametrize(("card", "orders"), [(None, 0), (UNMEASURED, 1)])
def test_what_was_never_measured_is_a_dash_without_a_tone(card, orders):
    unmeasured, _ = scorecards(card).cards
    assert {unmeasured.within_time, unmeasured.on_time_in_full, unmeasured.fill_rate} == {("–", "mute")}
    assert (unmeasured.orders, unmeasured.answers_after) == (orders, "")


def test_open_recalls_stand_with_the_supplier_whose_lots_they_are():
    assert [card.recalls for card in scorecards().cards] == ["2 open", ""]


def test_a_buyer_sees_who_else_offers_an_item():
    (item,) = scorecards(contested=(CONTESTED,)).contested
    assert (item.name, item.gtin, item.supplier) == ("Tomato", TOMATO.gtin, "Qinghe")
    assert [(offer.item_id, offer.supplier) for offer in item.others] == [(TOMATO.id, "Next door")]


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("card", [None, CARD])
def test_the_suppliers_list_is_laid_out_in_both_languages(code, card):
    page = scorecards(card, code, contested=(CONTESTED,))
    shown = html(code, "today/suppliers.html", suppliers=page)
    assert page.lead in shown and all(card.name in shown for card in page.cards)
    assert f"/buyer/assortment/{CONTESTED.row.id}" in shown


@pytest.mark.parametrize("code", ["en", "zh"])
def test_the_suppliers_list_stays_sorted_and_searched_on_every_page_and_when_it_is_taken_away(code):
    page = scorecards(code=code, found=CountedPage([SupplierRow(FARM)], 51, Search("qing he", sort="-fill_rate")))
    named = [f"name_{code}", "orders", "hours", "need", "within_time", "in_full", "fill_rate", ""]
    assert [column.name for column in page.columns] == named
    assert [column.name for column in page.columns if column.sort == "descending"] == ["fill_rate"]
    assert page.export == "/buyer/suppliers/export.csv?q=qing%20he&sort=-fill_rate"
    assert page.paging is not None and page.paging.later == "/buyer/suppliers?q=qing%20he&sort=-fill_rate&p=2"


@pytest.mark.parametrize(
    ("words", "title"), [("", "You work with no supplier yet."), ("zz", "Nothing is called that.")]
)
def test_a_list_without_suppliers_says_why(words, title):
    page = scorecards(found=CountedPage([], 0, Search(words)))
    assert page.nothing is not None and page.nothing.title == title and (page.lead, page.paging) == ("", None)
    assert title in html("en", "today/suppliers.html", suppliers=page)


def supplier_shown(
    card: Scorecard | None = CARD, code: str = "en", lots: int = 1, search: Search = Search(), **more: Any
) -> SupplierPage:
    rows = [
        lot_book.LotRow(Lot(owner_id=FARM.id, number="T 1", made_on=TODAY), TOMATO, LotState.TESTED, Decimal(1))
    ] * lots
    page = CountedPage(rows, 70 if rows else 0, search)
    return supplier_page(SupplierSheet(FARM, SHOP, AT, SINCE, page, card, [recalled(12)], **more), language(code))


def test_one_suppliers_figures_stand_in_a_strip():
    assert [(figure.label, figure.figure, figure.small) for figure in supplier_shown().figures] == [
        ("Answers after", "2.3 h", "median"),
        ("In time", "95%", ""),
        ("On time, in full", "80%", "of 5 orders"),
        ("Fill rate", "50%", ""),
    ]
    assert {figure.figure for figure in supplier_shown(None).figures} == {"–"}


def test_a_suppliers_lots_lead_to_the_page_that_shoppers_see():
    lots = supplier_shown(search=Search("T 1", sort="-until")).lots
    assert lots.rows[0].address == f"/product/{TOMATO.gtin}/T%201?r={SHOP.gln}"
    assert lots.paging is not None and lots.paging.later == f"/buyer/suppliers/{FARM.gln}?q=T%201&sort=-until&p=2"
    assert [column.name for column in lots.columns if column.sort == "descending"] == ["until"]
    assert supplier_shown(lots=0).lots.paging is None


@pytest.mark.parametrize(
    ("left", "word", "tone"),
    [
        (None, "Valid", "ok"),
        (31, "Valid", "ok"),
        (30, "Ends in 30 days", "warn"),
        (1, "Ends in 1 day", "warn"),
        (0, "Ends today", "warn"),
        (-1, "Expired", "stop"),
    ],
)
def test_a_certificate_says_how_it_stands_on_the_buyers_day(left, word, tone):
    until = None if left is None else TODAY + timedelta(days=left)
    (shown,) = supplier_shown(papers=[certificate(until)]).papers
    assert (shown.state.word, shown.state.tone) == (word, tone)
    assert (shown.name, shown.number, shown.issuer, shown.valid_from) == ("Green food", "LB-1", "CGFDC", "1 Jan 2026")
    assert left is not None or shown.valid_to == "no end"


def test_a_certificate_that_begins_later_is_not_valid_yet():
    (shown,) = supplier_shown(papers=[certificate(None, TODAY + timedelta(days=1))]).papers
    assert (shown.state.word, shown.state.tone) == ("Not valid yet", "")


def test_a_file_that_is_not_the_one_that_was_stated_cannot_be_opened():
    stated, files = "ab" * 32, {(FARM.id, "ab" * 32): "ab" * 32}
    whole, other, none = supplier_shown(
        papers=[certificate(None, file=file) for file in (stated, "cd" * 32, "")], files=files
    ).papers
    assert (whole.file, whole.refusal) == (f"/settings/files/{stated}", "")
    assert other.file == "" and other.refusal.startswith("The file kept here is not the one that was stated")
    assert (none.file, none.refusal) == ("", "")


TERMS = SupplyTerms(
    owner_id=FARM.id, lead_days=2, weekdays="1 3", minimum=Decimal(700), days_off=["2026-11-23", "2026-12-02"]
)


@pytest.mark.parametrize(
    ("terms", "agreed", "facts"),
    [
        (None, "It has named no terms: orders for whatever day and sum reach it.", {}),
        (
            TERMS,
            "Named for every buyer.",
            {
                "Lead time": "2 days",
                "Delivery days": "Monday, Wednesday",
                "Minimum order": "¥ 700.00",
                "Ordered now, it comes from": "Mon 30 Nov",
                "Days without deliveries": "2026-12-02",
            },
        ),
        (
            SupplyTerms(owner_id=FARM.id, buyer_id=SHOP.id, lead_days=1, minimum=Decimal(0), days_off=[]),
            "Named for you.",
            {
                "Lead time": "1 day",
                "Delivery days": "every day",
                "Minimum order": "–",
                "Ordered now, it comes from": "Wed 25 Nov",
            },
        ),
    ],
)
def test_a_buyer_reads_how_a_supplier_delivers(terms, agreed, facts):
    page = supplier_shown(terms=terms)
    assert page.agreed == agreed and dict(page.terms) == facts


def test_a_supplier_is_known_by_its_gln_and_called_by_the_numbers_it_has_told():
    assert supplier_shown().contact == [("GLN", FARM.gln)] and supplier_shown().phone == ""
    told = rows.party(OrganizationKind.SUPPLIER, "Anyang", phone="0531-1", service_phone="400-1")
    page = supplier_page(SupplierSheet(told, SHOP, AT, SINCE, CountedPage()), language("en"))
    assert page.contact[1:] == [("Phone", "0531-1"), ("Phone for shoppers", "400-1")]
    assert 'href="tel:0531-1"' in html("en", "today/supplier.html", supplier=page)


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize(("card", "lots"), [(None, 0), (CARD, 2)])
def test_one_suppliers_page_is_laid_out_in_both_languages(code, card, lots):
    page = supplier_shown(card, code, lots, papers=[certificate(TODAY)] * lots, terms=TERMS if lots else None)
    shown = html(code, "today/supplier.html", supplier=page)
    assert page.name in shown and page.recalls[0].title in shown
    assert shown.count('class="id nowrap"') == lots and shown.count("CGFDC") == lots
    assert page.agreed in shown and all(label in shown and said in shown for label, said in page.terms)
