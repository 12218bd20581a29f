"""What both sides read of orders, in Chinese and in English, from plain values."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from hub.demo import builder
from hub.lists import CountedPage, Search
from hub.models.base import uuid7
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization, OrganizationKind, Place, PlaceKind
from hub.models.trace import Event, LogAppend
from hub.models.trade import AnswerKind, AnswerLine, OrderAnswer, OrderLine, PurchaseOrder, Shipment, ShipmentLine
from hub.web.forms import Filled
from hub.web.i18n import language
from hub.web.view import State
from supplier_portal.dispatch.consignments import Consignment, LineToPack, LotLeft, Sent, SentLine
from supplier_portal.dispatch.dispatch_view import ConsignmentForm, Packing, consignment_forms
from supplier_portal.lots.record_book import RecordRow
from supplier_portal.models import ProposalReason
from supplier_portal.orders.answering.answer_view import answer_form, as_answered, effect_of
from supplier_portal.orders.answering.supplier_view import SupplierOrder, supplier_order
from supplier_portal.orders.buying.buyer_view import BuyerOrder, buyer_order
from supplier_portal.orders.buying.proposals_view import Proposed, proposals_page
from supplier_portal.orders.list_view import OrderList, OrdersPage, buyers_orders, suppliers_orders
from supplier_portal.orders.order_book import (
    TALKING,
    Earlier,
    EarlierLine,
    OrderRow,
    OrderSheet,
    OrderStatus,
    SheetLine,
)
from supplier_portal.orders.view import Dossier, answer_state, order_state
from tests import rows

AT = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)  # Tuesday, nine o'clock in Shanghai
WEDNESDAY = date(2026, 11, 25)
EN, ZH = language("en"), language("zh")


def party(zh: str, en: str, kind: OrganizationKind) -> Organization:
    own = uuid7()
    return Organization(id=own, owner_id=own, kind=kind, name_zh=zh, name_en=en, gln=builder.gln(700))


def item(en: str, zh: str, unit: str) -> TradeItem:
    made = rows.item(FARM, en, unit=unit)
    made.id, made.name_zh = uuid7(), zh
    return made


FARM = party("清河农场", "Qinghe", OrganizationKind.SUPPLIER)
SHOP = party("合家", "Hejia", OrganizationKind.RETAILER)
STORE = Place(id=uuid7(), owner_id=SHOP.id, kind=PlaceKind.STORE, name_zh="历下店", name_en="Lixia", gln=builder.gln(9))
PACKHOUSE = Place(
    id=uuid7(), owner_id=FARM.id, kind=PlaceKind.PACKHOUSE, name_zh="包装间", name_en="Packhouse", gln=builder.gln(8)
)
TOMATO, EGGS = item("Tomato", "番茄", "KGM"), item("Eggs", "鸡蛋", "H87")
ORDER = {
    "id": uuid7(),
    "owner_id": SHOP.id,
    "number": "PO 1",
    "supplier_id": FARM.id,
    "deliver_to_id": STORE.id,
    "deliver_on": WEDNESDAY,
    "respond_by": AT + timedelta(hours=3),
    "placed_at": AT - timedelta(hours=5),
}


def order(**more: Any) -> PurchaseOrder:
    return PurchaseOrder(**ORDER | more)


def answer(kind: AnswerKind, quantity: int = 120, reason: str = "") -> AnswerLine:
    return AnswerLine(kind=kind, quantity=Decimal(quantity), deliver_on=WEDNESDAY, reason=reason)


def line(position: int, of: TradeItem, quantity: str, said: AnswerLine | None = None, **more: Any) -> SheetLine:
    ordered = OrderLine(
        id=uuid7(),
        position=position,
        trade_item_id=of.id,
        quantity=Decimal(quantity),
        unit=of.unit,
        price=Decimal(2),
        received=Decimal(more.pop("received", 0)),
    )
    figures = {"committed": None, "shipped": Decimal(0)} | more
    return SheetLine(ordered, of, said, **figures)


LINES = [line(1, TOMATO, "120"), line(2, EGGS, "60")]


def sheet(status: OrderStatus = OrderStatus.AWAITING, lines: Sequence[SheetLine] = (), **more: Any) -> OrderSheet:
    given = {"order": order(), "answer": None, "shipments": [], "earlier": []} | more
    return OrderSheet(status=status, lines=list(lines or LINES), **given)


def dossier(of: OrderSheet, own: Organization = SHOP, **more: Any) -> Dossier:
    return Dossier(of, AT, own, SHOP, FARM, STORE, **more)


def bought(status: OrderStatus = OrderStatus.AWAITING, code: str = "en", **more: Any) -> BuyerOrder:
    return buyer_order(dossier(sheet(status, **more)), language(code))


def sold(
    status: OrderStatus = OrderStatus.AWAITING,
    *,
    planned: Sequence[Consignment] = (),
    changing: bool = False,
    form: Filled[Any] | None = None,
    **more: Any,
) -> SupplierOrder:
    packing = Packing(planned, [PACKHOUSE], form or Filled(EN), "once")
    return supplier_order(dossier(sheet(status, **more), FARM), packing, EN, changing=changing)


# How far an order is


def test_an_order_that_awaits_its_answer_is_told_to_each_side_in_its_own_words():
    assert order_state(OrderStatus.AWAITING, EN) == State("Awaiting the supplier", "clock", "warn")
    assert order_state(OrderStatus.AWAITING, EN, supplier=True).word == "Awaiting you"


@pytest.mark.parametrize("status", OrderStatus)
def test_every_state_of_an_order_has_its_word_in_both_languages(status):
    states = [order_state(status, speaks, supplier=supplier) for speaks in (EN, ZH) for supplier in (True, False)]
    assert all(state.word for state in states) and states[0].word != states[2].word
    looks = {(state.icon, state.tone) for state in states}
    # What waits for an answer looks otherwise to whoever gives it.
    assert len(looks) == (2 if status in TALKING else 1)


@pytest.mark.parametrize(
    ("kind", "shown"),
    [
        (AnswerKind.CONFIRMED, State("Confirmed", "ok", "ok")),
        (AnswerKind.LESS, State("Less: 90 kg", "less", "warn")),
        (AnswerKind.OTHER_DATE, State("On Wed 25 Nov: 90 kg", "date", "warn")),
        (AnswerKind.DECLINED, State("Declined", "no", "stop")),
    ],
)
def test_an_answer_says_how_much_comes_and_when(kind, shown):
    assert answer_state(answer(kind, 90), "KGM", EN) == shown


# The lists


def listed(*rows: OrderRow, tab: str = "awaiting", search: str = "", total: int | None = None) -> OrderList:
    tabs = ("drafts", "to-approve", "asked", "awaiting", "answered", "to-ship", "shipped", "received", "closed", "all")
    return OrderList(
        own=SHOP,
        at=AT,
        tab=tab,
        counts=dict.fromkeys(tabs, 0) | {"awaiting": len(rows), "all": 1200},
        page=CountedPage(rows, len(rows) if total is None else total, Search(search, size=25)),
        organizations={FARM.id: FARM, SHOP.id: SHOP},
        places={STORE.id: STORE},
    )


def row(status: OrderStatus = OrderStatus.AWAITING, **more: Any) -> OrderRow:
    return OrderRow(order(**more), status, 2, Decimal(360), "CNY")


def test_each_side_is_told_what_awaits_an_answer():
    assert buyers_orders(listed(row()), EN).lead == "1 order awaits its supplier."
    assert suppliers_orders(listed(row(), row()), EN).lead == "2 orders await your answer."
    assert buyers_orders(listed(), EN).lead == "No supplier owes you an answer."
    assert suppliers_orders(listed(), EN).lead == "No order awaits your answer."


def test_an_order_leads_to_its_page_with_the_other_side_named():
    (shown,) = buyers_orders(listed(row()), EN).rows
    assert (shown.party, shown.place, shown.value) == ("Qinghe", "Lixia", "¥ 360.00")
    assert shown.address == "/buyer/orders/PO 1" and shown.action is None
    (shown,) = suppliers_orders(listed(row()), EN).rows
    assert shown.party == "Hejia" and shown.address == f"/supplier/orders/PO%201?buyer={SHOP.gln}"


def test_only_an_order_that_waits_has_its_deadline():
    waiting, answered = buyers_orders(listed(row(), row(OrderStatus.CONFIRMED)), EN).rows
    assert waiting.answer_by is not None and (waiting.answer_by.clock, waiting.answer_by.tone) == ("12:00", "warn")
    assert answered.answer_by is None


def test_a_supplier_answers_what_waits_and_ships_what_is_to_be_shipped():
    (waiting,) = suppliers_orders(listed(row(), tab="all"), EN).rows
    assert waiting.action is not None and waiting.action.label == "Answer PO 1"
    (to_ship,) = suppliers_orders(listed(row(OrderStatus.PARTLY), tab="to-ship"), EN).rows
    assert to_ship.action is not None and to_ship.action.address.endswith("#ship")
    (elsewhere,) = suppliers_orders(listed(row(OrderStatus.PARTLY), tab="all"), EN).rows
    assert elsewhere.action is None


def test_the_tabs_count_their_orders_unless_one_searches():
    tabs = buyers_orders(listed(row()), EN).tabs
    assert [(tab.word, tab.count, tab.current) for tab in tabs[:5]] == [
        ("Drafts", 0, False),
        ("To approve", 0, False),
        ("You to answer", 0, False),
        ("Awaiting suppliers", 1, True),
        ("Answered", 0, False),
    ]
    searched = suppliers_orders(listed(row(), search="a b"), EN)
    assert {tab.count for tab in searched.tabs} == {None}
    assert searched.tabs[1].address == "/supplier/orders?state=to-ship&q=a%20b"
    assert searched.export == "/supplier/orders/export.csv?state=awaiting&q=a%20b"


def test_a_long_list_goes_on_and_keeps_what_was_asked():
    page = buyers_orders(listed(row(), search="a b", total=60), EN)
    assert page.paging is not None and page.paging.later == "/buyer/orders?state=awaiting&q=a%20b&p=2"
    assert page.paging.shown == "1–1 of 60" and page.nothing is None


@pytest.mark.parametrize(
    ("page", "title", "address"),
    [
        (buyers_orders(listed(search="zz"), EN), "No order mentions “zz”.", "/buyer/orders?state=all"),
        (buyers_orders(listed(), EN), "No order is in this state.", "/buyer/proposals"),
        (suppliers_orders(listed(search="zz"), EN), "No order mentions “zz”.", "/supplier/orders?state=all"),
        (suppliers_orders(listed(), EN), "No order awaits you.", "/supplier/orders?state=all"),
        (suppliers_orders(listed(tab="closed"), EN), "No order is in this state.", "/supplier/orders?state=all"),
    ],
)
def test_an_empty_list_says_why_and_where_there_is_more(page: OrdersPage, title: str, address: str) -> None:
    assert page.nothing is not None and page.paging is None
    assert (page.nothing.title, page.nothing.address) == (title, address)


# The buyer's page


def test_a_buyer_reads_until_when_the_supplier_may_answer_or_when_the_goods_come():
    assert bought().lead == "Qinghe has until 24 Nov, 12:00 to answer (3 h left)."
    assert bought(OrderStatus.PARTLY).lead == "Qinghe answered. It is expected on Wed 25 Nov."
    assert bought(OrderStatus.PROPOSED).lead == "Nobody but you sees this yet."
    assert bought(OrderStatus.RECEIVED).lead == ""
    assert dict(bought().facts) == {
        "Supplier": "Qinghe",
        "Deliver to": "Lixia",
        "Arrives": "Wed 25 Nov",
        "Value": "¥ 360.00",
    }


@pytest.mark.parametrize("status", OrderStatus)
def test_a_buyer_calls_off_what_has_not_left_and_closes_what_came_in_part(status):
    page = bought(status)
    before = {"awaiting", "overdue", "asked", "countered", "confirmed", "partly", "declined"}
    assert page.revocable is (status.value in before)
    assert page.closable is (status is OrderStatus.PART_RECEIVED)
    assert page.placeable is (status is OrderStatus.PROPOSED)
    assert page.promised is (status.value in {"asked", "countered", "confirmed", "partly"})


def test_a_line_says_what_was_answered_sent_and_received_and_why_it_was_proposed():
    less = line(1, TOMATO, "120", answer(AnswerKind.LESS, 90, "Hail"), shipped=Decimal(90), received="80")
    open_ = line(2, EGGS, "60")
    reason = ProposalReason(on_hand=Decimal(3), on_order=Decimal(0), reorder=Decimal(40), target=Decimal("120.4"))
    page = buyer_order(dossier(sheet(lines=[less, open_]), reasons={open_.line.id: reason}), EN)
    first, second = page.lines
    assert (first.ordered, first.answer, first.reason) == ("120 kg", State("Less: 90 kg", "less", "warn"), "Hail")
    assert (first.shipped, first.received, first.short, first.proposed) == ("90", "80", True, "")
    assert (second.answer, second.received) == (None, "") and page.silence == "No answer yet"
    assert second.proposed == "Proposed with 3 on hand, 0 coming, to fill up to 120"


# What has left, and what happened


def sent(**record: Any) -> Sent:
    shipment = Shipment(id=uuid7(), number="DA-1", sscc="1", deliver_on=WEDNESDAY, shipped_at=AT)
    part = ShipmentLine(trade_item_id=TOMATO.id, quantity=Decimal(90), unit="KGM")
    lot = Lot(id=uuid7(), owner_id=FARM.id, trade_item_id=TOMATO.id, number="T/1")
    append = LogAppend(number=1, state="anchored", **record) if record else None
    return Sent(shipment, [SentLine(part, lot), SentLine(part, None)], RecordRow(Event(), [], append))


def test_a_supplier_is_led_to_its_own_lot_and_a_buyer_to_what_shoppers_see():
    left = sent()
    (shipment,) = supplier_order(dossier(sheet(), FARM, sent=[left]), Packing([], [], Filled(EN), ""), EN).shipments
    assert shipment.departed == "24 Nov, 09:00"
    assert [lot.address for lot in shipment.lots] == [f"/supplier/lots/{left.lines[0].lot.id}", ""]
    (shipment,) = buyer_order(dossier(sheet(), sent=[left]), EN).shipments
    assert shipment.lots[0].address == f"/product/{TOMATO.gtin}/T/1?r={SHOP.gln}"
    assert (shipment.lots[1].number, shipment.lots[1].amount) == ("", "90 kg")


def test_an_orders_history_begins_with_the_latest_and_keeps_what_was_said_before():
    said = EarlierLine(TOMATO, "KGM", AnswerKind.LESS, Decimal(90), WEDNESDAY, "Hail")
    changed = Earlier(AT - timedelta(hours=4), AT - timedelta(hours=2), "Sorry", [said])
    given = OrderAnswer(answered_at=AT - timedelta(hours=4), late=True, note="")
    cancelled = order(cancelled_at=AT, cancel_reason="No room")
    page = buyer_order(dossier(sheet(OrderStatus.CANCELLED, order=cancelled, answer=given, earlier=[changed])), EN)
    assert [step.text for step in page.history] == [
        "Cancelled by Hejia",
        "Answer changed",
        "Answered, late",
        "Placed by Hejia",
    ]
    assert page.history[0].reason == "No room" and {step.kind for step in page.history} == {"plain"}
    assert page.history[1].note == "Sorry"
    assert [(before.item, before.answer.word, before.reason) for before in page.history[1].before] == [
        ("Tomato", "Less: 90 kg", "Hail")
    ]


@pytest.mark.parametrize(
    ("record", "kind", "when"),
    [
        ({}, "open", "24 Nov, 09:00"),
        ({"block_number": None}, "", "24 Nov, 09:00"),
        ({"block_number": 18455}, "", "24 Nov, 09:00 · block 18,455"),
    ],
)
def test_a_shipment_in_the_history_is_open_until_it_is_sealed_and_names_its_block(record, kind, when):
    shipped = buyer_order(dossier(sheet(OrderStatus.SHIPPED), sent=[sent(**record)]), EN).history[0]
    assert (shipped.text, shipped.kind, shipped.when) == ("Shipped: DA-1", kind, when)


# The supplier's page


def test_a_supplier_reads_how_long_it_may_still_answer():
    assert sold().state == State("Answer by 24 Nov, 12:00 · 3 h left", "clock", "warn")
    late = sold(OrderStatus.OVERDUE, order=order(respond_by=AT - timedelta(hours=1)))
    assert late.state == State("Overdue · 1 h late", "stop", "stop")
    assert late.lead == "An answer still counts, and is marked late."
    assert sold(OrderStatus.SHIPPED).state.word == "On the way"


def test_what_was_ordered_is_added_up_unit_by_unit():
    facts = dict(sold(lines=[*LINES, line(3, TOMATO, "30")]).facts)
    assert facts["Ordered"] == "150 kg · 60 pieces" and facts["Opening hours"] == "06:00–20:00"


def test_an_answer_is_open_while_it_is_awaited_or_changed():
    assert sold().answer is not None and sold().change is None
    given = sold(OrderStatus.CONFIRMED)
    assert given.answer is None and given.change is not None and given.change.word == "Change the answer"
    assert given.change.address == f"/supplier/orders/PO%201?buyer={SHOP.gln}&change=true"
    changing = sold(OrderStatus.CONFIRMED, changing=True)
    assert changing.answer is not None and changing.change is not None
    assert changing.change.word == "Leave it as it is" and "holds until" in changing.lead
    assert sold(OrderStatus.SHIPPED).change is None


def test_a_supplier_reads_why_its_order_was_called_off():
    cancelled = order(cancelled_at=AT, cancel_reason="No room")
    assert sold(OrderStatus.CANCELLED, order=cancelled).lead == "Hejia called it off: No room"


# The answer


def form(**values: str) -> Filled[Any]:
    return Filled(EN, {name.replace("__", "."): value for name, value in values.items()})


def test_an_answer_adds_up_what_is_chosen_so_far():
    chosen = form(lines__0__answer="less", lines__0__quantity="1,00")
    effect = effect_of(sheet(), chosen, EN)
    assert (effect.progress.figures, effect.progress.percent) == ("1 of 2", 50.0)
    assert [(part.word, part.amounts, part.open) for part in effect.sums] == [
        ("Less", "100 of 120 kg", False),
        ("Not answered", "60 pieces", True),
    ]


@pytest.mark.parametrize("typed", ["", "many", "-5", "0", "121", "NaN"])
def test_a_figure_that_cannot_be_counts_as_what_was_ordered(typed):
    effect = effect_of(sheet(), form(lines__0__answer="other_date", lines__0__quantity=typed), EN)
    assert effect.sums[0].amounts == "120 kg"


def test_amounts_of_one_kind_are_added_up_unit_by_unit():
    confirmed = form(lines__0__answer="confirmed", lines__1__answer="confirmed", lines__2__answer="confirmed")
    effect = effect_of(sheet(lines=[*LINES, line(3, TOMATO, "30")]), confirmed, EN)
    assert [part.amounts for part in effect.sums] == ["150 kg · 60 pieces"]
    assert effect.progress.label == "3 of 3 lines answered"


def test_an_answer_that_is_changed_begins_as_it_stands():
    lines = [
        line(1, TOMATO, "120", answer(AnswerKind.OTHER_DATE, 90, "Hail")),
        line(2, EGGS, "60", answer(AnswerKind.CONFIRMED)),
    ]
    assert as_answered(sheet(OrderStatus.PARTLY, lines, answer=OrderAnswer(note="Soon"))) == {
        "note": "Soon",
        "lines.0.answer": "other_date",
        "lines.0.reason": "Hail",
        "lines.0.quantity": "90",
        "lines.0.deliver_on": "2026-11-25",
        "lines.1.answer": "confirmed",
        "lines.1.reason": "",
    }


def test_a_line_to_answer_shows_what_was_promised_for_its_week():
    promised = line(1, TOMATO, "120", committed=Decimal(1100))
    first, second = answer_form(sheet(lines=[promised, LINES[1]]), Filled(EN), EN).lines
    assert (first.name, first.committed, first.price) == ("lines.0", "1,100", "¥ 2.00")
    assert (second.committed, second.legend) == ("–", "Answer for Eggs")


# What leaves


def consignment(*left: int, frozen: bool = False) -> Consignment:
    lots = [
        LotLeft(
            Lot(id=uuid7(), owner_id=FARM.id, trade_item_id=TOMATO.id, number=f"T-{number}", best_before=WEDNESDAY),
            Decimal(amount),
            Decimal(min(amount, 1000)),
        )
        for number, amount in enumerate(left)
    ]
    return Consignment(WEDNESDAY, frozen, [LineToPack(LINES[0], Decimal(1120), lots)])


def packed(*planned: Consignment, form: Filled[Any] | None = None) -> list[ConsignmentForm]:
    return consignment_forms(Packing(planned, [PACKHOUSE], form or Filled(EN), "once"), EN)


def test_each_consignment_has_a_form_with_what_would_leave_of_each_lot():
    cold, frozen = packed(consignment(1200, 30), consignment(frozen=True))
    assert (cold.day, frozen.day) == ("For Wed 25 Nov", "For Wed 25 Nov · frozen")
    assert (cold.once, frozen.once) == ("once-2026-11-25", "once-2026-11-25-frozen")
    (only,) = cold.lines
    assert only.title == "Tomato · 1,120 kg to send"
    assert [(lot.number, lot.called, lot.value, lot.left) for lot in only.lots] == [
        (0, "T-0", "1000", "1,200"),
        (1, "T-1", "30", "30"),
    ]
    assert frozen.lines[0].lots == [] and frozen.lines[0].new_lot == f"/supplier/lots/new?item={TOMATO.gtin}"


def test_what_was_typed_stays_in_the_consignment_that_was_sent_with_what_is_wrong_there():
    sent_form = form(group="2026-11-25", lines__0__quantity="5000", ship_from=str(PACKHOUSE.id))
    sent_form.errors["lines.0.quantity"] = "Too much."
    tried, other = packed(consignment(1200), consignment(30, frozen=True), form=sent_form)
    assert (tried.lines[0].lots[0].value, tried.lines[0].lots[0].error) == ("5000", "Too much.")
    assert (other.lines[0].lots[0].value, other.lines[0].lots[0].error) == ("30", "")
    assert tried.sources[0].chosen and not other.sources[0].chosen


# Proposals


REASON = ProposalReason(on_hand=Decimal(0), on_order=Decimal(5), reorder=Decimal("40.4"), target=Decimal(1200))


def proposed(**more: Any) -> Proposed:
    draft = sheet(OrderStatus.PROPOSED)
    given = {
        "page": CountedPage([row(OrderStatus.PROPOSED)], 1),
        "sheets": [draft],
        "form": Filled(EN),
        "organizations": {FARM.id: FARM},
        "places": {STORE.id: STORE},
        "reasons": {LINES[0].line.id: REASON},
    }
    return Proposed(**given | more)


def test_a_proposal_says_what_it_follows_from():
    page = proposals_page(proposed(), EN)
    assert page.lead.startswith("1 order is proposed") and page.place_all == "Place 1 order?"
    (only,) = page.proposals
    assert (only.title, only.day, only.refused) == ("Qinghe → Lixia", "for Wed 25 Nov", False)
    by_hub, by_hand = only.lines
    assert by_hub.reason == "0 on hand, 5 coming; order below 40"
    assert (by_hub.on_hand, by_hub.coming, by_hub.below, by_hub.target) == ("0", "5", "40", "1,200")
    assert by_hub.short and by_hub.about.startswith("in cases of")
    assert (by_hand.about, by_hand.reason, by_hand.on_hand, by_hand.short) == ("added by hand", "", "–", False)
    assert (by_hub.quantity.value, by_hub.quantity.id, by_hub.named) == ("120", "f-0-0", "lines.0.line")


def test_the_proposal_that_was_refused_keeps_what_was_typed_into_it():
    refused = form(order=str(ORDER["id"]), lines__0__quantity="-5")
    refused.errors["lines.0.quantity"] = "Enter 0 or more."
    (only,) = proposals_page(proposed(form=refused), EN).proposals
    quantity = only.lines[0].quantity
    assert only.refused and (quantity.id, quantity.value) == ("f-lines-0-quantity", "-5")
    assert quantity.error == "Enter 0 or more."


def test_without_proposals_the_page_says_why():
    none = proposed(page=CountedPage([], 0), sheets=[])
    page = proposals_page(none, EN)
    assert page.place_all == "" and page.nothing is not None and page.nothing.address == "/buyer/stock"
    searched = proposals_page(replace(none, page=CountedPage([], 0, Search("zz"))), ZH).nothing
    assert searched is not None and "zz" in searched.title and searched.address == "/buyer/proposals"


def test_proposals_stay_as_they_were_looked_for_while_one_after_another_is_placed():
    looked = proposed(page=CountedPage([row(OrderStatus.PROPOSED)], 12, Search("to ma", 1, 10, sort="-arrives")))
    page = proposals_page(looked, EN)
    assert page.lead == "12 proposals mention “to ma”." and page.place_all == "Place all 12 orders?"
    (only,), kept = page.proposals, "?q=to%20ma&sort=-arrives"
    assert (only.place, only.dismiss) == (
        f"/buyer/proposals/{ORDER['id']}/place{kept}",
        f"/buyer/proposals/{ORDER['id']}/dismiss{kept}",
    )
    assert page.all_address == f"/buyer/proposals/place-all{kept}"
    assert page.export == f"/buyer/proposals/export.csv{kept}"
    assert page.paging.later == f"/buyer/proposals{kept}&p=2"


@pytest.mark.parametrize("speaks", [EN, ZH])
def test_proposals_are_sorted_by_what_their_buyer_decides_by(speaks):
    page = proposals_page(proposed(page=CountedPage([], 0, Search(sort="-arrives"))), speaks)
    named = ["left", f"supplier_{speaks.code}", f"store_{speaks.code}", "arrives", "number"]
    assert [choice.value for choice in page.sorts] == [way + name for name in named for way in ("", "-")]
    assert [choice.value for choice in page.sorts if choice.chosen] == ["-arrives"]
