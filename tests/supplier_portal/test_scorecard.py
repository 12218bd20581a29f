"""A supplier is judged by how fast it answers and how fully and punctually it delivers."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from hub import db
from hub.models.trade import AnswerKind, OrderLine
from supplier_portal.orders import scorecard
from tests import supermarket
from tests.supplier_portal.test_dispatch_advice import receive, send


def card(trade, actor, **more):
    with db.session(actor.who) as session:
        period = scorecard.Period(trade.at - timedelta(days=1), trade.at + timedelta(days=9))
        cards = scorecard.scorecards(session, actor, period, **more)
    return cards[0] if cards else None


@pytest.fixture
def delivered(trade):
    """Three orders: one whole and in time, one short, one declined late."""
    lots = {"tomato": supermarket.lot(trade.tomato), "eggs": supermarket.lot(trade.eggs)}
    for short, hours in ((0, 1), (30, 2)):
        order = trade.ordered(tomato="120", eggs="120")
        trade.answer(order, after=timedelta(hours=hours))
        receive(trade, send(trade, order, lots, tomato=120, eggs=120), short=short)
    trade.answer(
        trade.ordered(tomato="120", eggs="120"),
        after=timedelta(hours=10),
        tomato=(AnswerKind.DECLINED,),
        eggs=(AnswerKind.DECLINED,),
    )
    trade.ordered()
    return trade


def test_the_card_counts_answers_and_deliveries(delivered):
    found = card(delivered, delivered.buyer)
    assert (found.orders, found.answered, found.delivered) == (4, 3, 3)
    assert found.median_hours == pytest.approx(2) and found.within_time == pytest.approx(2 / 3)
    assert found.on_time_in_full == pytest.approx(1 / 3)
    assert found.fill_rate == pytest.approx((240 + 180 + 0) / 720)


def test_both_sides_see_the_same_card_and_nobody_elses(delivered):
    assert card(delivered, delivered.grower) == card(delivered, delivered.buyer)
    other = supermarket.Supermarket()
    assert card(delivered, other.buyer) is None and card(delivered, other.grower) is None


def test_a_delivery_after_its_day_is_not_on_time(delivered):
    with db.session(delivered.buyer.who) as session:
        order_id = session.scalars(select(OrderLine.order_id).order_by(OrderLine.created_at)).first()
        from hub.models.trade import PurchaseOrder

        order = session.get_one(PurchaseOrder, order_id)
        order.received_at += timedelta(days=1)
    assert card(delivered, delivered.buyer).on_time_in_full == 0


def test_nothing_ordered_is_no_card(trade):
    assert card(trade, trade.buyer) is None
