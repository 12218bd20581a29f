"""An order is proposed, placed, answered line by line, and only then on its way."""

import threading
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from hub import db, outbox
from hub.beginning import partners
from hub.beginning.partners import OrdersOpen
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.listeners import LISTENERS
from hub.lists import Search
from hub.models.base import uuid7
from hub.models.catalogue import TradeItem
from hub.models.notice import Notice
from hub.models.party import OrganizationKind, Place, Role, TradeRelation
from hub.models.trade import AnswerKind, AnswerLine, OrderAnswer, OrderLine, PurchaseOrder
from supplier_portal.orders import news, order_book, orders
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.answering import answers
from supplier_portal.orders.answering.answers import AnswerContradicts, AnswerIncomplete
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.orders import OrderNotOpen
from supplier_portal.today import worklist
from tests.supplier_portal.conftest import Trade

THURSDAY = date(2026, 11, 26)


def test_a_proposal_is_the_buyers_alone_until_it_is_placed(trade):
    order = trade.ordered(placed=False)
    with db.session(trade.grower.who) as session:
        assert session.get(PurchaseOrder, order.id) is None
        assert session.scalars(select(OrderLine)).all() == []
    with db.session(trade.buyer.who) as session:
        orders.place(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)
    with db.session(trade.grower.who) as session:
        assert session.get_one(PurchaseOrder, order.id).number == "PO1-261123-0001"
        assert len(session.scalars(select(OrderLine)).all()) == 2


def test_placing_sets_the_deadline_once(trade):
    order = trade.ordered()
    with db.session(trade.buyer.who) as session:
        again = orders.place(
            session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at + timedelta(hours=2)
        )
        assert again.respond_by == trade.at + timedelta(hours=8)
    assert trade.status(order) is OrderStatus.AWAITING
    assert trade.status(order, after=timedelta(hours=9)) is OrderStatus.OVERDUE


def test_a_haulier_that_joined_today_drives_from_the_first_hour_of_its_buyers_day(trade):
    """One o'clock in Shandong is still the day before in UTC."""
    new = builder.party(OrganizationKind.HAULIER, "Beiyun")
    builder.relation(trade.chain, new, since=date(2026, 11, 23))
    with db.hub_session() as session:
        for relation in session.scalars(select(TradeRelation).where(TradeRelation.partner_id == trade.haulier.id)):
            relation.valid_to = date(2026, 11, 22)
    line = orders.DraftLine(trade.tomato.id, Decimal(120))
    wanted = orders.OrderDraft(trade.farm.id, trade.stores[0].id, THURSDAY, [line])
    with db.session(trade.buyer.who) as session:
        order = orders.write(session, trade.buyer, wanted, at=datetime(2026, 11, 22, 17, tzinfo=UTC))
        assert order.haulier_id == new.id


def test_quantities_may_be_changed_while_placing_and_a_zero_takes_a_line_out(trade):
    order = trade.ordered(placed=False)
    lines = trade.lines(order)
    with db.session(trade.buyer.who) as session:
        orders.place(
            session,
            trade.buyer,
            session.get_one(PurchaseOrder, order.id),
            at=trade.at,
            quantities={lines["tomato"]: Decimal(80), lines["eggs"]: Decimal(0)},
        )
        (line,) = orders.lines_of(session, order)
        assert line.quantity == 80


@pytest.mark.parametrize("quantity", ["0", "-5", "NaN", "Infinity"])
def test_a_quantity_that_is_none_is_refused(trade, quantity):
    with pytest.raises(InvalidInput):
        trade.ordered(tomato=quantity)


def test_what_the_supplier_does_not_offer_cannot_be_ordered(trade):
    draft = orders.OrderDraft(trade.farm.id, trade.stores[0].id, THURSDAY, [orders.DraftLine(uuid7(), Decimal(1))])
    with db.session(trade.buyer.who) as session, pytest.raises(NotFound):
        orders.write(session, trade.buyer, draft, at=trade.at)


def test_what_is_offered_no_longer_is_ordered_no_more_nor_sent_to_a_closed_place(trade):
    order, wednesday = trade.ordered(placed=False), THURSDAY - timedelta(days=4)
    with db.session(trade.grower.who) as session:
        session.get_one(TradeItem, trade.tomato.id).ended_on = wednesday
    with pytest.raises(orders.ItemNotOffered) as refusal:
        trade.ordered()
    assert refusal.value.at == "lines.0.quantity"
    with db.session(trade.buyer.who) as session, pytest.raises(orders.ItemNotOffered):
        orders.place(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)
    with db.session(trade.grower.who) as session:
        session.get_one(TradeItem, trade.tomato.id).ended_on = None
    with db.session(trade.buyer.who) as session:
        session.get_one(Place, order.deliver_to_id).ended_on = order.deliver_on
        session.flush()
        with pytest.raises(orders.PlaceClosed):
            orders.place(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)


def test_an_order_for_yesterday_cannot_be_placed(trade):
    order = trade.ordered(placed=False)
    with db.session(trade.buyer.who) as session, pytest.raises(orders.DeliveryDatePassed):
        held = session.get_one(PurchaseOrder, order.id)
        orders.place(session, trade.buyer, held, at=trade.at + timedelta(days=3))


def test_confirming_in_full_is_seen_by_the_buyer(trade):
    order = trade.ordered()
    answer = trade.answer(order)
    assert not answer.late and trade.status(order) is OrderStatus.CONFIRMED
    assert sheet_of(trade, order).answer.id == answer.id


def test_less_another_date_and_declined_are_said_line_by_line(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 90), eggs=(AnswerKind.OTHER_DATE, THURSDAY))
    assert trade.status(order) is OrderStatus.ASKED
    trade.reply(order, trade.buyer)
    assert trade.status(order) is OrderStatus.PARTLY
    with db.session(trade.buyer.who) as session:
        sheet = order_book.sheet(session, trade.buyer, order.id, at=trade.at)
        said = [
            (line.item.name_en, line.answer.kind, line.answer.quantity, line.answer.deliver_on) for line in sheet.lines
        ]
    assert said == [
        ("Tomato", AnswerKind.LESS, 90, date(2026, 11, 25)),
        ("Eggs", AnswerKind.OTHER_DATE, 60, THURSDAY),
    ]


def test_an_order_with_every_line_declined_is_declined(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.DECLINED,), eggs=(AnswerKind.DECLINED,))
    assert trade.status(order) is OrderStatus.DECLINED


def test_a_late_answer_counts_and_is_marked_late(trade):
    order = trade.ordered()
    answer = trade.answer(order, after=timedelta(hours=8, minutes=1))
    assert answer.late and trade.status(order) is OrderStatus.CONFIRMED


@pytest.mark.parametrize(
    "said",
    [
        (AnswerKind.CONFIRMED, 119), (AnswerKind.CONFIRMED, 120, THURSDAY),
        (AnswerKind.LESS, 120), (AnswerKind.LESS, 0), (AnswerKind.LESS, -5),
        (AnswerKind.OTHER_DATE, 120), (AnswerKind.OTHER_DATE, 130, THURSDAY),
        (AnswerKind.OTHER_DATE, 120, date(2026, 11, 22)),
    ],
)  # fmt: skip
def test_an_answer_that_contradicts_itself_is_refused(trade, said):
    order = trade.ordered()
    with pytest.raises(AnswerContradicts):
        trade.answer(order, tomato=said)
    assert trade.status(order) is OrderStatus.AWAITING


def test_every_line_needs_one_answer(trade):
    order = trade.ordered()
    with db.session(trade.grower.who) as session, pytest.raises(AnswerIncomplete):
        eggs = answers.LineAnswer(line=trade.lines(order)["eggs"], answer=AnswerKind.CONFIRMED)
        held = session.get_one(PurchaseOrder, order.id)
        answers.confirm(session, trade.grower, held, answers.OrderResponse([eggs]), at=trade.at)


def test_the_same_answer_again_is_the_same_answer(trade):
    order = trade.ordered()
    first = trade.answer(order, tomato=(AnswerKind.LESS, 90))
    assert trade.answer(order, tomato=(AnswerKind.LESS, 90)).id == first.id


def sheet_of(trade, order):
    with db.session(trade.buyer.who) as session:
        return order_book.sheet(session, trade.buyer, order.id, at=trade.at)


def test_another_answer_changes_what_is_not_agreed_and_asks_for_a_change_of_what_is(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 90))
    trade.answer(order, after=timedelta(hours=9), tomato=(AnswerKind.LESS, 100), eggs=(AnswerKind.DECLINED,))
    seen = sheet_of(trade, order)
    assert [(line.answer.kind, line.answer.quantity, line.answer.open) for line in seen.lines] == [
        (AnswerKind.LESS, 100, True),
        (AnswerKind.CONFIRMED, 60, False),
    ]
    assert not seen.answer.late and seen.answer.answered_at == trade.at + timedelta(hours=1)
    assert trade.standing(order, "eggs").offered.parts == ()
    with db.session(trade.buyer.who) as session:
        (told,) = order_book.changed_answers(session, trade.buyer, since=trade.at)
        assert told.order.id == order.id and told.changed_at == trade.at + timedelta(hours=9)
        assert not order_book.changed_answers(session, trade.buyer, since=trade.at + timedelta(hours=9))


def test_six_answers_at_once_are_all_kept_in_their_order(trade):
    order = trade.ordered()
    barrier = threading.Barrier(6)

    def say(quantity):
        barrier.wait()
        trade.answer(order, tomato=(AnswerKind.LESS, quantity))

    saying = [threading.Thread(target=say, args=(quantity,)) for quantity in range(10, 16)]
    [thread.start() for thread in saying]
    [thread.join() for thread in saying]
    with db.session(trade.buyer.who) as session:
        turns = agreement.talk(session, session.get_one(PurchaseOrder, order.id)).turns
        said = [Decimal(turn.words[0]["terms"]["parts"][0]["quantity"]) for turn in turns]
    assert [turn.number for turn in turns] == list(range(1, 7)) and sorted(said) == list(range(10, 16))
    assert sheet_of(trade, order).lines[0].answer.quantity == said[-1]


def test_what_was_declined_as_a_whole_is_answered_no_more(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.DECLINED,), eggs=(AnswerKind.DECLINED,))
    with pytest.raises(OrderNotOpen):
        trade.answer(order)


def test_an_order_that_was_confirmed_is_called_off_with_a_reason_that_its_supplier_reads(trade):
    order = trade.ordered()
    trade.answer(order)
    with db.session(trade.buyer.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        with pytest.raises(InvalidInput, match="Say why"):
            orders.cancel(session, trade.buyer, held, at=trade.at, reason="  ")
        orders.cancel(session, trade.buyer, held, at=trade.at, reason="The cold room failed")
    with db.session(trade.grower.who) as session:
        (called_off,) = worklist.troubles(session, trade.grower, at=trade.at, today=trade.at.date())
        assert called_off.kind is worklist.Kind.CANCELLED
        assert called_off.order.cancel_reason == "The cold room failed"


def test_a_double_click_is_one_answer(trade):
    order = trade.ordered()
    found, barrier = [], threading.Barrier(4)

    def click():
        barrier.wait()
        found.append(trade.answer(order).id)

    clicks = [threading.Thread(target=click) for _ in range(4)]
    [thread.start() for thread in clicks]
    [thread.join() for thread in clicks]
    assert len(found) == 4 and len(set(found)) == 1


def test_only_the_supplier_it_was_placed_with_answers(trade):
    order = trade.ordered()
    stranger = builder.actor(builder.party(OrganizationKind.SUPPLIER), Role.SUPPLIER)
    with db.session(stranger.who) as session:
        with pytest.raises(NotFound):
            order_book.find(session, stranger, order.id)
        with pytest.raises(NotAllowed):
            answers.confirm(session, stranger, order, answers.OrderResponse([]), at=trade.at)


def test_an_answer_in_a_strangers_name_changes_nothing(trade):
    order = trade.ordered()
    stranger = builder.party(OrganizationKind.SUPPLIER)
    with db.session(db.Who(stranger.id)) as session:
        forged = OrderAnswer(owner_id=stranger.id, buyer_id=trade.chain.id, order_id=order.id, answered_at=trade.at)
        session.add(forged)
        session.flush()
        session.add(
            AnswerLine(
                owner_id=stranger.id,
                buyer_id=trade.chain.id,
                answer_id=forged.id,
                quantity=Decimal(1),
                order_line_id=trade.lines(order)["eggs"],
                kind=AnswerKind.DECLINED,
                deliver_on=THURSDAY,
            )
        )
    assert trade.status(order) is OrderStatus.AWAITING
    trade.answer(order)
    assert trade.status(order) is OrderStatus.CONFIRMED


def test_a_cancelled_order_takes_no_answer(trade):
    order = trade.ordered()
    with db.session(trade.buyer.who) as session:
        orders.cancel(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)
    assert trade.status(order) is OrderStatus.CANCELLED
    with pytest.raises(OrderNotOpen):
        trade.answer(order)


def test_a_store_clerk_does_not_order(trade):
    clerk = builder.actor(trade.chain, Role.STORE)
    order = trade.ordered(placed=False)
    with db.session(clerk.who) as session, pytest.raises(NotAllowed):
        orders.place(session, clerk, order, at=trade.at)


def test_suppliers_see_what_to_answer_first_and_buyers_what_comes_next(trade):
    first, second, third = trade.ordered(), trade.ordered(eggs="90"), trade.ordered()
    trade.answer(first)
    with db.session(trade.grower.who) as session:
        page = order_book.supplier_orders(session, trade.grower, at=trade.at)
        assert [row.order.number for row in page.rows] == [second.number, third.number, first.number]
        assert page.rows[0].lines == 2 and page.rows[0].value == Decimal("4.20") * 210
        counts = order_book.counts(session, trade.grower, at=trade.at)
        assert (counts[OrderStatus.AWAITING], counts[OrderStatus.CONFIRMED]) == (2, 1)
        late = order_book.supplier_orders(
            session, trade.grower, Search(size=1), at=trade.at + timedelta(hours=9), states={OrderStatus.OVERDUE}
        )
        assert (len(late.rows), late.total) == (1, 2)
    with db.session(trade.buyer.who) as session:
        numbered = order_book.buyer_orders(session, trade.buyer, Search("-0002"), at=trade.at).rows
        assert [row.order.number for row in numbered] == [second.number]
        assert order_book.buyer_orders(session, trade.buyer, Search("egg"), at=trade.at).total == 3
        assert order_book.buyer_orders(session, trade.buyer, Search("Qinghe", page=2, size=2), at=trade.at).rows
        assert order_book.buyer_orders(session, trade.buyer, Search("%"), at=trade.at).total == 0


def test_orders_written_at_once_get_numbers_of_their_own(trade):
    numbers, barrier = [], threading.Barrier(5)

    def write():
        barrier.wait()
        numbers.append(trade.ordered().number)

    writers = [threading.Thread(target=write) for _ in range(5)]
    [thread.start() for thread in writers]
    [thread.join() for thread in writers]
    assert sorted(numbers) == [f"PO1-261123-{n:04d}" for n in range(1, 6)]


def test_two_chains_number_their_orders_apart(trade):
    other = Trade()
    assert (trade.ordered().number, other.ordered().number) == ("PO1-261123-0001", "PO-261123-0001")


def test_the_ten_thousand_and_first_order_of_a_day_has_a_number_of_its_own(trade):
    first = trade.ordered()
    with db.session(trade.buyer.who) as session:
        session.get_one(PurchaseOrder, first.id).number = first.number[:-4] + "9999"
    numbers = [trade.ordered().number for _ in range(3)]
    assert [number[-5:] for number in numbers] == ["10000", "10001", "10002"]


def test_an_orders_value_is_in_the_currency_that_its_lines_were_ordered_in(trade):
    order = trade.ordered()
    with db.session(trade.buyer.who) as session:
        for line in orders.lines_of(session, order):
            line.currency = "EUR"
            session.add(line)
    with db.session(trade.grower.who) as session:
        (row,) = order_book.supplier_orders(session, trade.grower, at=trade.at).rows
        sheet = order_book.sheet(session, trade.grower, order.id, at=trade.at)
    assert (row.value, row.currency) == (sheet.value, sheet.currency) == (Decimal(756), "EUR")


def test_partners_with_orders_open_do_not_part_and_are_told_how_many(trade):
    order, declined = trade.ordered(), trade.ordered()
    trade.ordered(placed=False)
    trade.answer(declined, tomato=(AnswerKind.DECLINED,), eggs=(AnswerKind.DECLINED,))
    for one, other in ((trade.chain, trade.farm), (trade.farm, trade.chain), (trade.haulier, trade.chain)):
        me = builder.actor(one, Role.ADMINISTRATOR)
        with db.session(me.who) as session, pytest.raises(OrdersOpen) as refusal:
            partners.end(session, me, other.id, trade.at)
        assert refusal.value.values == {"orders": 1}
    with db.session(trade.buyer.who) as session:
        orders.cancel(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)
    me = builder.actor(trade.chain, Role.ADMINISTRATOR)
    with db.session(me.who) as session:
        partners.end(session, me, trade.farm.id, trade.at)
        assert next(each for each in partners.partners(session) if each.organization.id == trade.farm.id).ended


def test_an_answer_that_is_due_is_told_the_supplier_and_one_that_is_overdue_the_buyer_once_each(trade):
    builder.person(trade.farm, Role.SUPPLIER, "a long enough sentence", "wang@example.org")
    builder.person(trade.chain, Role.BUYER, "a long enough sentence", "lin@example.org")
    order, by = trade.ordered(), trade.at + timedelta(hours=8)
    trade.answer(trade.ordered())
    told = []
    for at in (by - timedelta(hours=3), by - timedelta(hours=1), by, by + timedelta(hours=1)):
        told.append(news.remind(at))
        outbox.relay(LISTENERS)
    assert told == [0, 1, 1, 0]
    with db.hub_session() as session:
        kinds = {f"order.{kind}/{order.id}": kind for kind in ("due", "overdue")}
        found = session.scalars(select(Notice).where(Notice.key.in_(kinds))).all()
        owners = {"due": trade.farm.id, "overdue": trade.chain.id}
        assert {kinds[row.key]: row.owner_id for row in found} == owners
