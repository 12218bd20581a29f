"""What is otherwise than ordered holds once both sides have said so, and stands in the streams of both."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select

from hub import db, outbox
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.listeners import LISTENERS
from hub.models.notice import Notice
from hub.models.party import Organization, Role
from hub.models.trace import Event
from hub.models.trade import AnswerKind, AnswerLine, OrderTurn, PurchaseOrder, ShipmentLine
from hub.trace.agreements import AGREEING
from supplier_portal.dispatch import consignments, dispatch_advice
from supplier_portal.orders import news, order_book, orders
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.agreeing.agreement import (
    AlreadySent,
    MoreThanApproved,
    NothingSaid,
    OutdatedTurn,
    PointsLeftOpen,
)
from supplier_portal.orders.agreeing.terms import Part
from supplier_portal.orders.answering.answers import AnswerContradicts, NoSubstitute
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.orders import OrderNotOpen
from tests import supermarket
from tests.supplier_portal.test_dispatch_advice import lots, send

__all__ = ["lots"]

WEDNESDAY, THURSDAY, FRIDAY = date(2026, 11, 25), date(2026, 11, 26), date(2026, 11, 27)


def answer_to(trade, order, position=0):
    with db.session(trade.grower.who) as session:
        return order_book.sheet(session, trade.grower, order.id, at=trade.at).lines[position].answer


def recorded(who):
    with db.session(who) as session:
        events = session.scalars(select(Event).where(Event.biz_step == AGREEING)).all()
        return [event for event in events if event.owner_id == who.org]


def test_what_is_confirmed_as_it_was_ordered_is_agreed_with_that(trade):
    order = trade.ordered()
    trade.answer(order)
    assert trade.standing(order, "tomato").held.quantity == 120
    assert trade.status(order) is OrderStatus.CONFIRMED


def test_less_waits_for_the_buyer_and_holds_once_it_agrees(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 90))
    assert trade.status(order) is OrderStatus.ASKED and answer_to(trade, order).open
    trade.reply(order, trade.buyer)
    outbox.relay(LISTENERS)
    said = answer_to(trade, order)
    assert (said.kind, said.quantity, said.open) == (AnswerKind.LESS, 90, False)
    assert trade.status(order) is OrderStatus.PARTLY


def test_a_counter_offer_goes_back_to_the_supplier_who_takes_it(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    turn = trade.reply(order, trade.buyer, tomato={"quantity": 100, "deliver_on": THURSDAY, "reason": "促销"})
    assert turn.pending and turn.reply_by == trade.at + timedelta(hours=10)
    assert trade.status(order) is OrderStatus.COUNTERED
    trade.reply(order, trade.grower, after=timedelta(hours=3))
    said = answer_to(trade, order)
    assert (said.kind, said.quantity, said.deliver_on, said.open) == (AnswerKind.OTHER_DATE, 100, THURSDAY, False)
    assert trade.status(order) is OrderStatus.PARTLY


def test_a_line_the_buyer_refuses_is_over_and_the_others_hold(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    trade.reply(order, trade.buyer, tomato="refuse")
    outbox.relay(LISTENERS)
    assert trade.standing(order, "tomato").over and answer_to(trade, order).kind is AnswerKind.DECLINED
    assert trade.standing(order, "eggs").held.quantity == 60
    with pytest.raises(OrderNotOpen):
        trade.reply(order, trade.grower, tomato={"quantity": 100})


def test_a_change_asked_for_later_leaves_what_was_agreed_until_the_other_says_yes(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    trade.reply(order, trade.buyer, tomato={"quantity": 60})
    assert trade.standing(order, "tomato").held.quantity == 120
    send(trade, order, lots, tomato=30)
    trade.reply(order, trade.grower, after=timedelta(hours=4), tomato="refuse")
    assert trade.standing(order, "tomato").held.quantity == 120
    assert answer_to(trade, order).quantity == 120


def test_nobody_wants_less_than_has_left_already(trade, lots):
    order = trade.ordered()
    trade.answer(order)
    send(trade, order, lots, tomato=100)
    with pytest.raises(AlreadySent) as refused:
        trade.reply(order, trade.buyer, tomato={"quantity": 60})
    assert refused.value.at == "lines.0.quantity"


def test_an_answer_over_several_days_is_sent_day_by_day(trade, lots):
    order = trade.ordered()
    split = {"parts": [{"quantity": "50", "deliver_on": FRIDAY}]}
    trade.answer(order, tomato=(AnswerKind.OTHERWISE, 70, WEDNESDAY, split))
    said = answer_to(trade, order)
    assert (said.kind, said.quantity) == (AnswerKind.SPLIT, 120)
    trade.reply(order, trade.buyer)
    send(trade, order, lots, tomato=80)
    with db.session(trade.grower.who) as session:
        sheet = order_book.sheet(session, trade.grower, order.id, at=trade.at)
        to_come = {
            consignment.deliver_on: [line.open for line in consignment.lines]
            for consignment in consignments.planned(session, sheet)
        }
    assert to_come == {WEDNESDAY: [60], FRIDAY: [40]}


def test_another_price_is_agreed_by_the_buyer_and_kept(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.OTHERWISE, {"price": "9.50"}))
    trade.reply(order, trade.buyer)
    outbox.relay(LISTENERS)
    said = answer_to(trade, order)
    assert (said.kind, said.price, said.open) == (AnswerKind.OTHER_PRICE, Decimal("9.50"), False)


def test_another_item_comes_instead_and_only_its_lots_can_be_sent(trade, lots):
    cherry = builder.item(trade.farm, "Cherry tomato")
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.OTHERWISE, {"substitute": cherry.id}))
    trade.reply(order, trade.buyer)
    with pytest.raises(dispatch_advice.WrongLot):
        send(trade, order, lots, tomato=120)
    assert answer_to(trade, order).trade_item_id == cherry.id
    sent = send(trade, order, {"tomato": supermarket.lot(cherry, "C-1")}, tomato=120)
    with db.session(trade.buyer.who) as session:
        [line] = session.scalars(select(ShipmentLine).where(ShipmentLine.shipment_id == sent.id)).all()
        assert line.trade_item_id == cherry.id


def test_an_item_of_another_unit_or_of_nobody_is_no_substitute(trade):
    order = trade.ordered()
    with pytest.raises(NoSubstitute) as refused:
        trade.answer(order, tomato=(AnswerKind.OTHERWISE, {"substitute": trade.eggs.id}))
    assert refused.value.at == "lines.0.substitute"
    with pytest.raises(InvalidInput):
        trade.answer(order, tomato=(AnswerKind.OTHERWISE, {"substitute": order.id}))


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ((), "answer"),
        ((130,), "quantity"),
        (({"price": "0"},), "price"),
        ((WEDNESDAY - timedelta(days=4),), "deliver_on"),
        ((70, {"parts": [{"quantity": "60", "deliver_on": FRIDAY}]}), "quantity"),
        ((70, {"parts": [{"quantity": "50", "deliver_on": WEDNESDAY}]}), "parts.0.deliver_on"),
        ((70, {"parts": [{"deliver_on": FRIDAY}]}), "parts.0.quantity"),
    ],
)
def test_what_is_otherwise_only_in_name_or_impossible_is_refused_where_it_stands(trade, said, at):
    order = trade.ordered()
    with pytest.raises(AnswerContradicts) as refused:
        trade.answer(order, tomato=(AnswerKind.OTHERWISE, *said))
    assert refused.value.at == f"lines.0.{at}"


def test_who_has_not_read_the_last_turn_is_refused_and_the_same_click_twice_is_one_turn(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    trade.answer(order, tomato=(AnswerKind.LESS, 85))
    with pytest.raises(OutdatedTurn):
        trade.reply(order, trade.buyer, turn=1)
    first = trade.reply(order, trade.buyer, turn=2)
    assert trade.reply(order, trade.buyer, turn=2, tomato="accept").id == first.id


def test_every_open_line_is_answered_at_once_and_nothing_new_is_nothing(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80), eggs=(AnswerKind.LESS, 30))
    lines = trade.lines(order)
    with db.session(trade.buyer.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        only = agreement.Reply(1, [agreement.LineReply(line=lines["tomato"], says="accept")])
        with pytest.raises(PointsLeftOpen):
            agreement.reply(session, trade.buyer, held, only, at=trade.at)
    trade.reply(order, trade.buyer)
    with pytest.raises(NothingSaid):
        trade.reply(order, trade.buyer, after=timedelta(hours=3), tomato={"quantity": 80})


@pytest.mark.parametrize("offer", [{"quantity": "-1"}, {"price": "0"}, {"deliver_on": date(2026, 11, 20)}])
def test_an_offer_that_is_none_is_refused_beside_its_field(trade, offer):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    with pytest.raises(InvalidInput) as refused:
        trade.reply(order, trade.buyer, tomato=offer)
    assert refused.value.at == f"lines.0.{next(iter(offer))}"


def test_the_same_line_answered_and_countered_at_once_ends_in_one_of_the_two(trade):
    """Both press at the same moment, having read the same: one is first, and the other is told to look again."""
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    barrier, said = threading.Barrier(2), []

    def accept():
        barrier.wait()
        try:
            said.append(trade.reply(order, trade.buyer, turn=1, tomato="accept").number)
        except OutdatedTurn:
            said.append("outdated")

    def change():
        barrier.wait()
        said.append(trade.answer(order, tomato=(AnswerKind.LESS, 70)) and "changed")

    threads = [threading.Thread(target=work) for work in (accept, change)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    outbox.relay(LISTENERS)
    standing = trade.standing(order, "tomato")
    if "outdated" in said:
        assert standing.held is None and standing.offered.quantity == 70
    else:
        assert standing.held.quantity == 80 and standing.offered.quantity == 70
    with db.session(trade.buyer.who) as session:
        numbers = session.scalars(select(OrderTurn.number).where(OrderTurn.order_id == order.id)).all()
    assert sorted(numbers) == list(range(1, len(numbers) + 1))


def test_an_order_called_off_while_it_is_talked_about_is_talked_about_no_more(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    with db.session(trade.buyer.who) as session:
        held = session.get_one(PurchaseOrder, order.id)
        orders.cancel(session, trade.buyer, held, at=trade.at, reason="Enough elsewhere")
    with pytest.raises(OrderNotOpen):
        trade.reply(order, trade.buyer)


def test_what_both_agreed_on_stands_in_both_streams_under_one_event_id(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    outbox.relay(LISTENERS)
    assert recorded(trade.grower.who) == [] == recorded(trade.buyer.who)
    trade.reply(order, trade.buyer)
    outbox.relay(LISTENERS)
    [theirs], [ours] = recorded(trade.grower.who), recorded(trade.buyer.who)
    assert theirs.event_id == ours.event_id and theirs.owner_id != ours.owner_id
    said = ours.payload.decode()
    assert f"{order.number}.v2" in said and "furrow:terms" in said and "price" not in said
    outbox.relay(LISTENERS)
    assert len(recorded(trade.buyer.who)) == 1


def test_each_version_that_is_agreed_later_stands_there_too(trade):
    order = trade.ordered()
    trade.answer(order)
    trade.reply(order, trade.buyer, tomato={"quantity": 100})
    trade.reply(order, trade.grower, after=timedelta(hours=3))
    outbox.relay(LISTENERS)
    assert len({event.event_id for event in recorded(trade.buyer.who)}) == 2


def test_the_other_side_is_told_what_is_wanted_and_until_when_to_answer(trade):
    builder.person(trade.farm, Role.SUPPLIER, "a long enough password")
    order = trade.ordered()
    trade.answer(order)
    trade.reply(order, trade.buyer, tomato={"quantity": 100})
    outbox.relay(LISTENERS)
    with db.session(trade.grower.who) as session:
        kinds = {notice.kind for notice in session.scalars(select(Notice)).all()}
    assert "order.countered" in kinds


def test_a_buyer_does_not_raise_an_order_above_its_own_sum_by_a_later_word(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    with db.session(trade.administrator.who) as session:
        session.get_one(Organization, trade.chain.id).approve_above = Decimal(1)
    with pytest.raises(MoreThanApproved):
        trade.reply(order, trade.buyer, tomato={"quantity": 500})
    trade.reply(order, trade.buyer, tomato={"quantity": 120})


def test_what_is_open_is_called_to_mind_before_its_time_and_told_the_other_side_after_it_once_each(trade):
    builder.person(trade.farm, Role.SUPPLIER, "a long enough password", "wang@example.org")
    builder.person(trade.chain, Role.BUYER, "a long enough password", "lin@example.org")
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    by, told = trade.at + timedelta(hours=9), []
    for at in (by - timedelta(hours=3), by - timedelta(hours=1), by, by + timedelta(hours=1)):
        told.append(news.remind(at))
        outbox.relay(LISTENERS)
    assert told == [0, 1, 1, 0]
    with db.hub_session() as session:
        notices = session.scalars(select(Notice).where(Notice.kind.in_(["order.reply-waits", "order.counter-waits"])))
        assert {notice.kind: notice.owner_id for notice in notices} == {
            "order.reply-waits": trade.chain.id,
            "order.counter-waits": trade.farm.id,
        }
    trade.reply(order, trade.buyer, after=timedelta(hours=12))
    assert news.remind(by + timedelta(hours=2)) == 0


def test_a_store_says_nothing_to_an_order_and_neither_does_a_third_party(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 80))
    with pytest.raises(NotAllowed):
        trade.reply(order, builder.actor(trade.chain, Role.STORE))
    with pytest.raises(NotFound):
        trade.reply(order, builder.actor(trade.haulier, Role.DISPATCHER))


def test_an_answer_from_before_turns_were_kept_holds_as_it_was_given(trade):
    order = trade.ordered()
    trade.answer(order, tomato=(AnswerKind.LESS, 90))
    with db.session(trade.grower.who) as session:
        for turn in session.scalars(select(OrderTurn)):
            session.delete(turn)
        for line in session.scalars(select(AnswerLine)):
            line.open = False
    standing = trade.standing(order, "tomato")
    assert standing.held.parts == (Part(WEDNESDAY, Decimal(90)),) and standing.by is None
    assert trade.reply(order, trade.buyer, tomato={"quantity": 100}).number == 2
    trade.reply(order, trade.grower, after=timedelta(hours=3))
    assert trade.standing(order, "tomato").held.quantity == 100
