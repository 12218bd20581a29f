"""What a buyer and a supplier read on their first pages, in Chinese and in English, from plain values."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from fastapi import Request

from hub.models.base import uuid7
from hub.models.catalogue import Lot, RecallNotice, TradeItem
from hub.models.inventory import CommandState, Drift, LotStock, StockLevel
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind
from hub.models.trade import PurchaseOrder
from hub.web.i18n import language
from hub.web.templating import render
from supplier_portal.orders.order_book import ChangedAnswer, OrderPage, OrderRow, OrderStatus
from supplier_portal.today import buyer_view
from supplier_portal.today.buyer_view import BuyerToday, buyer_today
from supplier_portal.today.stock_book import Disagreement, LevelRow, Levels, LotRow, Lots, RecalledLot
from tests import factories

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, nine o'clock in Shanghai
TODAY = date(2026, 11, 24)


def party(zh: str, en: str, kind: OrganizationKind = OrganizationKind.SUPPLIER) -> Organization:
    own = uuid7()
    return Organization(id=own, owner_id=own, kind=kind, name_zh=zh, name_en=en, gln=factories.gln(700))


def item(owner: Organization, zh: str, en: str) -> TradeItem:
    made = factories.item(owner, en)
    made.id, made.name_zh = uuid7(), zh
    return made


FARM = party("清河农场", "Qinghe")
SHOP = party("合家", "Hejia", OrganizationKind.RETAILER)
STORE = Place(
    id=uuid7(), owner_id=SHOP.id, kind=PlaceKind.STORE, name_zh="历下店", name_en="Lixia", gln=factories.gln(9)
)
TOMATO = item(FARM, "番茄", "Tomato")
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


def orders(*rows: OrderRow, total: int | None = None) -> OrderPage:
    return OrderPage(list(rows), len(rows) if total is None else total, 1, 50)


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
    below=Levels([level("0"), level("3")], 7),
    shortages=1,
    ending=Lots([shelf_lot(TODAY), shelf_lot(TODAY - timedelta(days=1))], 3),
    drifts=[Disagreement(Drift(**KEPT, lot="T-1", hub=Decimal(12), core=Decimal(10), found_at=AT), STORE, TOMATO)],
    commands={CommandState.REFUSED: 1},
)


def buyers(day: buyer_view.Day = BUSY, code: str = "en") -> BuyerToday:
    return buyer_today(day, language(code))


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
    assert [(told.lot, told.figures) for told in core.differences] == [("T-1", "hub 12, core 10")]
    assert core.refused == "The core refused 1 receipt." and core.underway == ""
    underway = buyers(replace(BUSY, commands={CommandState.WAITING: 2})).core.underway
    assert underway == "2 receipts are on their way to the core."


@pytest.mark.parametrize("code", ["zh", "en"])
@pytest.mark.parametrize("day", [QUIET, BUSY])
def test_the_buyers_template_lays_out_whatever_the_day_brings(code, day):
    today = buyers(day, code)
    assert today.lead in html(code, "today/buyer.html", today=today)
