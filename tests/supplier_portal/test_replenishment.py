"""A store that runs short has an order proposed, once, in whole cases, with the reason said."""

from datetime import timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from hub import db
from hub.models.inventory import Assortment, StockLevel
from hub.models.trade import AnswerKind, PurchaseOrder
from supplier_portal.forecast import forecasting, history, levels, replenishment
from supplier_portal.forecast.replenishment import order_quantity
from supplier_portal.models import ProposalReason, SupplyPolicy
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.order_book import OrderStatus
from tests.supplier_portal.conftest import SUNDAY, WEEK


@pytest.fixture
def learned(trade):
    """Half a year of sales, and levels learned from them."""
    trade.sold()
    trade.stocked(tomato=10, eggs=500)
    with db.session(trade.buyer.who) as session:
        levels.set_levels(session, at=trade.at)
    return trade


def propose(trade, *, after=timedelta(0)):
    with db.session(trade.buyer.who) as session:
        made = replenishment.propose(session, at=trade.at + after)
        return [(order, orders.lines_of(session, order)) for order in made]


def level(trade, store=0):
    with db.session(trade.buyer.who) as session:
        return session.scalars(
            select(StockLevel).where(
                StockLevel.place_id == trade.stores[store].id, StockLevel.trade_item_id == trade.tomato.id
            )
        ).one()


def sales(days=364, series=200):
    return np.random.default_rng(5).poisson(np.tile(WEEK, (series, days // 7))).astype(float)


def test_the_target_holds_until_the_next_delivery_nineteen_times_in_twenty():
    history = sales()
    made = levels.levels(history[:, :-2], lead_days=1, review_days=1, service=0.95)
    assert (history[:, -2:].sum(axis=1) <= made.target).mean() == pytest.approx(0.95, abs=0.04)


def test_more_service_and_a_longer_way_need_more_stock():
    usual = levels.levels(sales(), lead_days=1, review_days=1, service=0.9)
    safer = levels.levels(sales(), lead_days=1, review_days=1, service=0.98)
    farther = levels.levels(sales(), lead_days=3, review_days=1, service=0.9)
    assert (safer.target > usual.target).all() and (safer.reorder > usual.reorder).all()
    assert (farther.reorder > usual.reorder).all() and (usual.reorder < usual.target).all()


@given(st.decimals("0.001", "5000", places=3), st.decimals("0.1", "100", places=1))
def test_whole_cases_cover_what_is_short_and_no_case_too_many(short, case):
    ordered = order_quantity(short, case)
    assert ordered % case == 0 and short <= ordered < short + case


def test_a_store_that_runs_short_gets_one_proposal_in_whole_cases_and_the_reason_stays_the_buyers(learned):
    ((order, lines),) = propose(learned)
    (line,) = lines
    assert order.placed_at is None and order.deliver_to_id == learned.stores[0].id
    assert order.deliver_on == learned.at.date() + timedelta(days=1)
    assert line.trade_item_id == learned.tomato.id and line.quantity % 10 == 0
    at_store = level(learned)
    assert at_store.target - 10 <= line.quantity < at_store.target
    with db.session(learned.buyer.who) as session:
        why = replenishment.reasons(session, learned.buyer, [order])[line.id]
        assert (why.on_hand, why.on_order, why.reorder) == (10, 0, at_store.safety)
        orders.place(session, learned.buyer, session.get_one(PurchaseOrder, order.id), at=learned.at)
    with db.session(learned.grower.who) as session:
        assert session.get(PurchaseOrder, order.id) and session.scalars(select(ProposalReason)).all() == []


def test_what_is_proposed_placed_or_confirmed_is_not_proposed_again(learned):
    ((order, _),) = propose(learned)
    assert propose(learned) == []
    with db.session(learned.buyer.who) as session:
        orders.place(session, learned.buyer, session.get_one(PurchaseOrder, order.id), at=learned.at)
    assert propose(learned) == []
    learned.answer(order)
    assert propose(learned, after=timedelta(hours=12)) == []


def test_what_the_supplier_declines_is_proposed_again(learned):
    ((order, _),) = propose(learned)
    with db.session(learned.buyer.who) as session:
        orders.place(session, learned.buyer, session.get_one(PurchaseOrder, order.id), at=learned.at)
    learned.answer(order, tomato=(AnswerKind.DECLINED,))
    assert len(propose(learned, after=timedelta(hours=2))) == 1


def test_a_proposal_nobody_placed_in_time_is_withdrawn_and_made_anew(learned):
    ((stale, _),) = propose(learned)
    ((fresh, _),) = propose(learned, after=timedelta(days=1))
    with db.session(learned.buyer.who) as session:
        states = [order_book.status_of(session, order, at=learned.at) for order in (stale, fresh)]
    assert states == [OrderStatus.CANCELLED, OrderStatus.PROPOSED]


def test_a_buyers_terms_with_a_supplier_decide_how_long_stock_must_last(learned):
    before = level(learned)
    with db.session(learned.buyer.who) as session:
        session.add(SupplyPolicy(owner_id=learned.chain.id, supplier_id=learned.farm.id, lead_days=3, review_days=2))
        session.flush()
        assert levels.set_levels(session, at=learned.at) == 4
    assert level(learned).target > 2 * before.target and level(learned).on_hand == Decimal(10)
    ((order, _),) = propose(learned)
    assert order.deliver_on == learned.at.date() + timedelta(days=3)


def test_a_shelf_nobody_has_counted_counts_as_empty(trade):
    trade.sold()
    with db.session(trade.buyer.who) as session:
        levels.set_levels(session, at=trade.at)
    assert len(propose(trade)) == 2 and level(trade).on_hand == 0


def test_a_store_whose_sales_are_late_is_forecast_and_ordered_for_as_if_they_were_there(trade):
    trade.sold()
    trade.stocked(tomato=10, eggs=500)

    def seen():
        with db.session(trade.buyer.who) as session:
            found = history.read(session, at=trade.at)
            total = history.by_item(found)
            ahead = forecasting.forecast(found.sold, 7, stocked=found.stocked).mean.sum(axis=1)
            levels.set_levels(session, at=trade.at)
            return found, total, ahead.min()

    _, _, expected = seen()
    usual = level(trade).target
    with db.session(trade.buyer.who) as session:
        session.execute(
            text("delete from sales_day where place_id = :p and day > :d"),
            {"p": trade.stores[0].id, "d": SUNDAY - timedelta(days=3)},
        )
    found, total, ahead = seen()
    assert np.isnan(found.sold[:, -3:]).any(axis=1).sum() == 2
    assert np.isnan(total.sold[:, -3:]).all() and not np.isnan(total.sold[:, -4]).any()
    assert ahead > 0.93 * expected and float(level(trade).target) > 0.9 * float(usual)


def test_an_item_that_was_sold_out_for_weeks_is_ordered_again(trade):
    trade.sold()
    trade.stocked(tomato=0, eggs=500)
    with db.session(trade.buyer.who) as session:
        session.execute(
            text("update sales_day set quantity = 0 where place_id = :p and trade_item_id = :i and day > :d"),
            {"p": trade.stores[0].id, "i": trade.tomato.id, "d": SUNDAY - timedelta(days=45)},
        )
        levels.set_levels(session, at=trade.at)
    assert level(trade).safety > 30
    ((_order, lines),) = propose(trade)
    assert [line.trade_item_id for line in lines] == [trade.tomato.id]


def asked(learned, **figures):
    with db.session(learned.buyer.who) as session:
        row = session.scalars(select(Assortment).where(Assortment.trade_item_id == learned.tomato.id)).one()
        for name, value in figures.items():
            setattr(row, name, value)
        session.flush()
        levels.set_levels(session, at=learned.at)
    return level(learned)


def test_the_safety_level_of_the_assortment_takes_the_place_of_the_one_worked_out(learned):
    before = level(learned)
    more = asked(learned, safety=Decimal(400))
    assert 400 < more.safety < 400 + before.safety
    assert more.target - more.safety == pytest.approx(before.target - before.safety, abs=1)
    none = asked(learned, safety=Decimal(0))
    assert none.safety < before.safety and none.target < before.target
    assert asked(learned, safety=None).safety == before.safety


def test_days_between_orders_say_how_long_an_order_lasts_and_leave_other_items_alone(learned):
    def eggs():
        with db.session(learned.buyer.who) as session:
            rows = select(StockLevel.target).where(StockLevel.trade_item_id == learned.eggs.id)
            return sorted(session.scalars(rows))

    before, of_eggs = level(learned), eggs()
    longer = asked(learned, review_days=7)
    assert longer.target > 3 * before.target and longer.safety < 2 * before.safety + 100
    assert eggs() == of_eggs
