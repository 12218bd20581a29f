"""The retailer says what it expects, the supplier what it can do, week by week."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from hub import db
from hub.demo import builder
from hub.errors import InvalidInput, NotAllowed, NotFound
from hub.models.access import AuditEntry
from hub.models.party import OrganizationKind, Role
from supplier_portal import tasks
from supplier_portal.forecast import collaboration, days, making
from supplier_portal.forecast.collaboration import Promise, WeekBegun
from supplier_portal.models import Commitment, CommitmentKind, Forecast, ForecastLine, SharedForecast
from tests.supplier_portal.conftest import SUNDAY, WEEK

NEXT = [date(2026, 11, 23) + timedelta(days=7 * n) for n in range(4)]


def make(trade, *, at=None, **more):
    with db.session(trade.buyer.who) as session:
        return making.make(session, at=at or trade.at, **more)


def promise(trade, week: date, quantity: str, item=None):
    with db.session(trade.grower.who) as session:
        said = [Promise((item or trade.tomato).id, week, Decimal(quantity))]
        return collaboration.commit(session, trade.grower, trade.chain.id, said, at=trade.at)


def grid(trade, actor=None, at=None):
    with db.session(trade.grower.who) as session:
        rows = collaboration.supplier_grid(session, trade.grower, trade.chain.id, at=at or trade.at)
    return {row.trade_item_id: row for row in rows}


def test_every_store_and_item_is_forecast_for_four_iso_weeks(trade):
    trade.sold()
    made = make(trade)
    assert (made.through, made.series) == (SUNDAY, 4)
    with db.session(trade.buyer.who) as session:
        lines = session.scalars(select(ForecastLine)).all()
        assert len(lines) == 2 * 2 * 4 and sorted({line.week for line in lines}) == NEXT
        assert all(0 < line.p10 < line.p50 < line.p90 for line in lines)
        assert all(float(line.p50) == pytest.approx(sum(WEEK), rel=0.1) for line in lines)
        assert all(line.p50 == line.p50.to_integral_value() for line in lines if line.trade_item_id == trade.eggs.id)


def test_all_stores_together_vary_less_than_the_sum_of_each(trade):
    trade.sold()
    make(trade)
    with db.session(trade.buyer.who) as session:
        alone = session.execute(select(func.sum(ForecastLine.p90 - ForecastLine.p10))).scalar_one()
        together = session.execute(select(func.sum(SharedForecast.p90 - SharedForecast.p10))).scalar_one()
    assert together < 0.9 * float(alone)


def test_a_week_begins_on_monday_whichever_day_sales_end(trade):
    trade.sold(through=date(2026, 11, 18))
    make(trade, at=trade.at - timedelta(days=4))
    with db.session(trade.buyer.who) as session:
        assert sorted(set(session.scalars(select(SharedForecast.week)))) == NEXT


def test_todays_half_day_of_sales_is_left_out(trade):
    trade.sold(through=SUNDAY + timedelta(days=1))
    assert make(trade).through == SUNDAY


def test_a_retailer_without_two_weeks_of_sales_is_told_so(trade):
    with pytest.raises(days.NotEnoughSales):
        make(trade)
    trade.sold(days=10)
    with pytest.raises(days.NotEnoughSales):
        make(trade)


def test_a_supplier_sees_its_items_once_shared_and_no_stranger_ever_does(trade):
    trade.sold()
    made = make(trade, shared=False)
    stranger = builder.party(OrganizationKind.SUPPLIER)
    builder.relation(trade.chain, stranger)

    def seen(org):
        with db.session(db.Who(org.id)) as session:
            return len(session.scalars(select(SharedForecast)).all()), len(session.scalars(select(Forecast)).all())

    assert seen(trade.farm) == (0, 0)
    with db.session(trade.buyer.who) as session:
        collaboration.share(session, trade.buyer, session.get_one(Forecast, made.id), at=trade.at)
    assert seen(trade.farm) == (8, 1) and seen(stranger) == (0, 1)


def test_a_supplier_commits_in_full_or_answers_lower_and_may_think_again(trade):
    trade.sold()
    make(trade)
    asked = grid(trade)[trade.tomato.id].weeks[1].p50
    promise(trade, NEXT[1], "100")
    promise(trade, NEXT[2], "9999")
    promise(trade, NEXT[1], "150")

    weeks = grid(trade)[trade.tomato.id].weeks
    assert [(w.committed, w.kind) for w in weeks] == [
        (None, None),
        (150, CommitmentKind.LOWER),
        (9999, CommitmentKind.FULL),
        (None, None),
    ]
    with db.session(trade.buyer.who) as session:
        (row,) = session.scalars(select(Commitment).where(Commitment.week == NEXT[1])).all()
        assert row.asked == asked
        (mine,) = [
            r for r in collaboration.buyer_grid(session, trade.buyer, at=trade.at) if r.trade_item_id == trade.tomato.id
        ]
        assert [w.committed for w in mine.weeks] == [
            None,
            150,
            9999,
            None,
        ] and mine.supplier_id == trade.farm.id
        assert collaboration.buyer_grid(session, trade.buyer, at=trade.at, supplier_id=trade.haulier.id) == []
    with db.session(trade.grower.who) as session:
        said = session.scalars(
            select(AuditEntry).where(AuditEntry.action == "forecast.commit").order_by(AuditEntry.id)
        ).all()
        assert [entry.detail["quantity"] for entry in said] == ["100", "9999", "150"]


def test_a_week_that_has_begun_is_fixed(trade):
    trade.sold()
    make(trade)
    with pytest.raises(WeekBegun):
        promise(trade, NEXT[0], "100")


def test_a_promise_nobody_asked_for_and_a_negative_one_are_refused(trade):
    trade.sold()
    make(trade)
    with pytest.raises(NotFound):
        promise(trade, date(2027, 6, 7), "100")
    for bad in ("-5", "NaN"):
        with pytest.raises(InvalidInput):
            promise(trade, NEXT[1], bad)


def test_past_forecasts_stand_beside_what_was_sold(trade):
    trade.sold()
    make(trade, through=SUNDAY - timedelta(days=14), at=trade.at - timedelta(days=14))
    trade.sold(times=1.5)
    make(trade)

    row = grid(trade)[trade.tomato.id]
    assert [week.monday for week in row.over] == [NEXT[0] - timedelta(days=14), NEXT[0] - timedelta(days=7)]
    assert row.bias == pytest.approx(-1 / 3, abs=0.1) and row.wape == pytest.approx(1 / 3, abs=0.1)
    assert row.inside == 0


def test_what_was_told_before_the_week_counts_not_what_was_known_later(trade):
    trade.sold()
    early = make(trade, through=SUNDAY - timedelta(days=7), at=trade.at - timedelta(days=7))
    make(trade)
    with db.session(trade.buyer.who) as session:
        told = session.scalars(
            select(SharedForecast).where(
                SharedForecast.forecast_id == early.id, SharedForecast.trade_item_id == trade.tomato.id
            )
        ).all()
    past, coming = {w.week: w.p50 for w in told}, grid(trade)[trade.tomato.id].weeks
    assert coming[0].p50 == past[NEXT[0] - timedelta(days=7)] and coming[0].actual is not None


def test_stores_lines_of_old_runs_are_dropped_and_what_suppliers_saw_stays(trade):
    trade.sold()
    for day in range(9):
        make(trade, at=trade.at + timedelta(hours=day))
    with db.session(trade.buyer.who) as session:
        assert len(set(session.scalars(select(ForecastLine.forecast_id)))) == 7
        assert len(set(session.scalars(select(SharedForecast.forecast_id)))) == 9
        lines = collaboration.store_lines(session, trade.buyer, trade.tomato.id)
        assert len(lines) == 8


def test_forecasting_is_due_when_another_day_of_sales_is_in(trade):
    trade.sold()
    with db.session(trade.buyer.who) as session:
        assert collaboration.due(session, at=trade.at)
    tasks.forecast_for(trade.chain.id, trade.at)
    with db.session(trade.buyer.who) as session:
        assert not collaboration.due(session, at=trade.at)
    trade.sold(through=SUNDAY + timedelta(days=1))
    with db.session(trade.buyer.who) as session:
        assert collaboration.due(session, at=trade.at + timedelta(days=1))


def test_suppliers_do_not_forecast_and_buyers_do_not_commit(trade):
    with db.session(trade.grower.who) as session, pytest.raises(NotAllowed):
        collaboration.ask(session, trade.grower)
    clerk = builder.actor(trade.chain, Role.BUYER)
    with db.session(clerk.who) as session, pytest.raises(NotAllowed):
        collaboration.commit(session, clerk, trade.chain.id, [], at=trade.at)
