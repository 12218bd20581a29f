"""A standing order is written for each of its days, exactly once, as a draft or placed, until it is paused or ended."""

import re
import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import col, select

from hub import db, outbox
from hub.demo import builder
from hub.errors import InvalidInput
from hub.listeners import LISTENERS
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.notice import Notice
from hub.models.party import Organization, OrganizationKind, Role
from hub.models.trade import PurchaseOrder, StandingOrder
from supplier_portal.orders import orders
from supplier_portal.orders.order_book import OrderStatus
from supplier_portal.orders.standing import pattern, standing, writing_round
from supplier_portal.orders.standing.pattern import Pattern
from supplier_portal.orders.standing.standing import DayWritten, StandingEnded, Wanted
from tests.supermarket import signed_in

MONDAY = date(2026, 11, 23)
"""The day on which the trade's tests begin."""


def wanted(trade, *, ahead: int = 3, places: bool = False, off=(), days=(1, 2, 3, 4, 5, 6, 7), ends=None) -> Wanted:
    lines = [orders.DraftLine(trade.tomato.id, Decimal("12.5")), orders.DraftLine(trade.eggs.id, Decimal(30))]
    return Wanted(Pattern(days, MONDAY, ends, frozenset(off)), lines, ahead, places)


def stands(trade, **more) -> StandingOrder:
    with db.session(trade.buyer.who) as session:
        return standing.add(session, trade.buyer, trade.farm.id, trade.stores[0], wanted(trade, **more), at=trade.at)


def does(trade, row, what, **more):
    with db.session(trade.buyer.who) as session:
        return what(session, trade.buyer, session.get_one(StandingOrder, row.id), **more)


def written(trade) -> list[date]:
    """The days for which an order was written, that are not called off."""
    with db.session(trade.buyer.who) as session:
        rows = select(PurchaseOrder.deliver_on).where(col(PurchaseOrder.cancelled_at).is_(None))
        return sorted(session.exec(rows).all())


def day(number: int) -> date:
    return MONDAY + timedelta(days=number)


def test_each_day_is_written_once_so_many_days_ahead(trade):
    stands(trade, off=[day(2)])
    assert writing_round.write_all(trade.at) == 2 and writing_round.write_all(trade.at) == 0
    assert written(trade) == [day(1), day(3)]
    assert writing_round.write_all(trade.at + timedelta(days=1)) == 1
    assert written(trade) == [day(1), day(3), day(4)]
    with db.session(trade.buyer.who) as session:
        order = session.exec(select(PurchaseOrder)).first()
        assert [line.quantity for line in orders.lines_of(session, order)] == [Decimal("12.5"), Decimal(30)]
    assert trade.status(order) is OrderStatus.DRAFT


def test_what_was_called_off_or_moved_to_another_day_is_not_written_again(trade):
    stands(trade)
    writing_round.write_all(trade.at)
    with db.session(trade.buyer.who) as session:
        first, second, _third = session.exec(select(PurchaseOrder).order_by(col(PurchaseOrder.deliver_on))).all()
        orders.cancel(session, trade.buyer, first, at=trade.at)
        second.deliver_on = day(9)
    assert writing_round.write_all(trade.at) == 0
    assert written(trade) == [day(3), day(9)]


def test_four_rounds_at_once_write_each_day_once(trade):
    row = stands(trade, ahead=5)
    barrier, counts = threading.Barrier(4), []

    def run():
        barrier.wait()
        counts.append(writing_round.write(trade.chain.id, row.id, trade.at))

    rounds = [threading.Thread(target=run) for _ in range(4)]
    [one.start() for one in rounds]
    [one.join() for one in rounds]
    assert sorted(counts) == [0, 0, 0, 5]
    assert written(trade) == [day(number) for number in range(1, 6)]


def test_a_round_that_dies_leaves_nothing_and_the_next_writes_all(trade, monkeypatch):
    row = stands(trade)

    def dies(*_args: object) -> None:
        raise ConnectionError("killed")

    monkeypatch.setattr(writing_round, "_tell_drafts", dies)
    with pytest.raises(ConnectionError):
        writing_round.write(trade.chain.id, row.id, trade.at)
    assert written(trade) == []
    monkeypatch.undo()
    assert writing_round.write(trade.chain.id, row.id, trade.at) == 3


def test_what_is_placed_at_once_goes_to_its_supplier_and_what_cannot_be_stays_a_draft(trade):
    boss = signed_in(trade.farm, Role.ADMINISTRATOR, "wang@example.org")
    boss.post("/settings/terms/new", data={"buyer": trade.chain.gln, "lead_days": "2"})
    stands(trade, places=True)
    assert writing_round.write_all(now()) >= 0
    assert writing_round.write_all(trade.at) == 3
    with db.session(trade.buyer.who) as session:
        rows = {row.deliver_on: row for row in session.exec(select(PurchaseOrder))}
    states = [trade.status(rows[day(number)]) for number in (1, 2, 3)]
    assert states == [OrderStatus.DRAFT, OrderStatus.AWAITING, OrderStatus.AWAITING]


def test_above_the_chains_sum_it_asks_in_the_name_of_who_keeps_it(trade):
    with db.session(trade.buyer.who) as session:
        session.get_one(Organization, trade.chain.id).approve_above = Decimal(1)
    row = stands(trade, places=True)
    gao = builder.person(trade.chain, Role.BUYER, "a long enough password", "gao@example.org", "Gao")
    with db.session(trade.buyer.who) as session:
        session.get_one(StandingOrder, row.id).kept_by = gao.id
    writing_round.write_all(trade.at)
    with db.session(trade.buyer.who) as session:
        rows = session.exec(select(PurchaseOrder)).all()
    assert {one.asked_by for one in rows} == {gao.id}
    assert {trade.status(one) for one in rows} == {OrderStatus.TO_APPROVE}


def test_it_is_paused_goes_on_and_ends(trade):
    row = stands(trade)
    does(trade, row, standing.pause, paused=True)
    assert writing_round.write_all(trade.at) == 0
    does(trade, row, standing.pause, paused=False)
    assert writing_round.write_all(trade.at) == 3
    for _ in range(2):
        does(trade, row, standing.end, at=trade.at)
    assert writing_round.write_all(trade.at + timedelta(days=2)) == 0
    with pytest.raises(StandingEnded):
        does(trade, row, standing.pause, paused=False)


def test_a_day_is_left_out_and_taken_in_again_until_it_is_written(trade):
    row = stands(trade)
    does(trade, row, standing.skip, day=day(2), skips=True)
    writing_round.write_all(trade.at)
    assert written(trade) == [day(1), day(3)]
    does(trade, row, standing.skip, day=day(2), skips=False)
    writing_round.write_all(trade.at)
    assert written(trade) == [day(1), day(2), day(3)]
    with pytest.raises(DayWritten):
        does(trade, row, standing.skip, day=day(2), skips=True)


def test_what_is_offered_no_more_is_told_once_and_written_when_it_is_put_right(trade):
    builder.person(trade.chain, Role.BUYER, "a long enough password", "gao@example.org")
    row = stands(trade, ahead=1)
    with db.session(trade.grower.who) as session:
        session.get_one(TradeItem, trade.eggs.id).ended_on = MONDAY
    for _ in range(2):
        assert writing_round.write_all(trade.at) == 0
    while outbox.relay(LISTENERS):
        pass
    with db.session(trade.buyer.who) as session:
        (told,) = session.exec(select(Notice).where(col(Notice.kind) == "standing.stuck")).all()
        assert "offered no longer" in told.said["why"]["en"] and told.address.endswith(str(row.id))
    with db.session(trade.grower.who) as session:
        session.get_one(TradeItem, trade.eggs.id).ended_on = None
    assert writing_round.write_all(trade.at) == 1


@pytest.mark.parametrize(
    ("more", "where"),
    [({"days": ()}, "weekdays"), ({"ends": day(-3)}, "valid_to")],
)
def test_what_orders_nothing_is_refused_at_its_field(trade, more, where):
    with pytest.raises(InvalidInput) as refusal:
        stands(trade, **more)
    assert refusal.value.at == where


def test_days_off_are_written_as_people_write_them():
    read = pattern.days_off("2027-02-16 – 2027-02-18，2027-5-1\n2027-02-17")
    assert read == [date(2027, 2, 16), date(2027, 2, 17), date(2027, 2, 18), date(2027, 5, 1)]
    assert pattern.written(read) == "2027-02-16 – 2027-02-18\n2027-05-01"
    for wrong in ("next week", "2027-02-30", "2027-02-18 – 2027-02-16", "2026-01-01 – 2029-01-01"):
        with pytest.raises(InvalidInput):
            pattern.days_off(wrong)


@given(st.sets(st.dates(date(2026, 1, 1), date(2026, 12, 31)), max_size=40))
def test_days_off_read_back_as_they_were_written(days):
    assert pattern.days_off(pattern.written(days)) == sorted(days)


def test_an_order_is_made_a_standing_order_from_its_page_and_kept_there(trade):
    trade.at, trade.deliver_on = now(), (now() + timedelta(days=20)).date()
    order, gao = trade.ordered(tomato="12", eggs="30"), signed_in(trade.chain, Role.BUYER, "gao@example.org")
    new = f"/buyer/orders/standing/new?like={order.number}"
    assert new in gao.get(f"/buyer/orders/{order.number}").text
    form = gao.get(new).text
    names = re.findall(r'name="(lines\.\d+\.item)" value="([^"]+)"', form)
    said = dict(names) | {name.replace("item", "quantity"): "7" for name, _ in names}
    said |= {"like": order.number, "valid_from": str(trade.deliver_on), "days_ahead": "2", "once": "a"}
    nothing = gao.post("/buyer/orders/standing/new", data=said)
    assert nothing.status_code == 422 and "at least one day" in nothing.text
    made = gao.post("/buyer/orders/standing/new", data=said | {"weekdays": ["1", "4"], "places": "true"})
    again = gao.post("/buyer/orders/standing/new", data=said | {"weekdays": ["1", "4"], "places": "true"})
    where = made.headers["location"]
    assert made.status_code == 303 and where == again.headers["location"]
    assert where in gao.get("/buyer/orders/standing").text
    page = gao.get(where).text
    assert 'value="7"' in page and "To be written" in page and page.count("Leave it out") >= 1
    coming = re.search(r'name="day" value="([^"]+)"', page).group(1)
    assert gao.post(f"{where}/skip", data={"day": coming}).status_code == 303
    assert "Take it in again" in gao.get(where).text and coming in gao.get(where).text
    assert gao.post(f"{where}/take", data={"day": coming}).status_code == 303
    changed = gao.post(where, data=said | {"weekdays": "2", "days_off": "soon"})
    assert changed.status_code == 422 and "This is no day: soon" in changed.text
    assert gao.post(where, data=said | {"weekdays": "2"}).status_code == 303
    assert "Tuesday" in gao.get("/buyer/orders/standing").text
    assert gao.post(f"{where}/pause").status_code == 303 and "Paused" in gao.get(where).text
    assert gao.post(f"{where}/resume").status_code == 303
    assert gao.post(f"{where}/end").status_code == 303 and where not in gao.get("/buyer/orders/standing").text
    assert gao.get(where).status_code == 200
    stranger = signed_in(builder.party(OrganizationKind.RETAILER, "Rival"), Role.BUYER, "ma@example.net")
    for door in ("", "/pause", "/resume", "/end", "/skip", "/take"):
        assert stranger.post(where + door, data=said | {"weekdays": "2", "day": coming}).status_code == 404
    assert stranger.get(where).status_code == 404 and stranger.get(new).status_code == 404
