"""A supplier is judged by how fast it answers and how fully and punctually it delivers."""

import re
from datetime import timedelta
from html import unescape

import pytest
from sqlalchemy import select

from hub import db
from hub.demo import builder
from hub.lists import Search
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
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


def test_the_card_says_how_long_an_answer_and_a_need_took_at_most(delivered):
    found = card(delivered, delivered.buyer)
    assert found.worst_hours == pytest.approx(10)
    with db.session(delivered.buyer.who) as session:
        from hub.models.trade import PurchaseOrder

        rows = session.scalars(select(PurchaseOrder).where(PurchaseOrder.received_at.is_not(None))).all()
        needs = sorted((row.received_at - row.proposed_at).total_seconds() / 3600 for row in rows)
    assert len(needs) == 2 and found.worst_need_hours == pytest.approx(needs[-1])
    assert found.need_hours == pytest.approx(sum(needs) / 2)


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


@pytest.fixture
def others(trade):
    """Two more suppliers beside the grower, of whom nothing was ever ordered."""
    for name, zh in (("Anyang", "安阳"), ("Zhaoyuan", "招远")):
        builder.relation(trade.chain, builder.party(OrganizationKind.SUPPLIER, name, zh))


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("", ["Qinghe", "Anyang", "Zhaoyuan"]),
        ("name_en", ["Anyang", "Qinghe", "Zhaoyuan"]),
        ("-name_en", ["Zhaoyuan", "Qinghe", "Anyang"]),
        ("orders", ["Anyang", "Zhaoyuan", "Qinghe"]),
        *((way + name, ["Qinghe", "Anyang", "Zhaoyuan"])
          for name in ("hours", "within_time", "in_full", "fill_rate") for way in ("", "-")),
        ("gln", ["Qinghe", "Anyang", "Zhaoyuan"]),
    ],
)  # fmt: skip
def test_suppliers_are_sorted_by_their_figures_and_those_without_stand_last(delivered, others, sort, expected):
    period = scorecard.Period(delivered.at - timedelta(days=1), delivered.at + timedelta(days=9))
    buyer = delivered.buyer
    with db.session(buyer.who) as session:
        found = scorecard.suppliers(session, buyer, period, Search(sort=sort))
        assert [row.supplier.name_en for row in found.rows] == expected and found.total == 3
        cards = [row.card for row in found.rows if row.card]
        assert cards == scorecard.scorecards(session, buyer, period)
        second = scorecard.suppliers(session, buyer, period, Search(page=2, size=2, sort=sort))
        assert [row.supplier.name_en for row in second.rows] == expected[2:] and second.total == 3


def test_a_buyer_finds_a_supplier_by_pinyin_and_takes_the_list_away_as_it_stands(trade, others):
    trade.at = now()
    trade.deliver_on = (trade.at + timedelta(days=3)).date()
    trade.ordered()
    browser = supermarket.signed_in(trade.chain, Role.BUYER)
    page = browser.get("/buyer/suppliers?q=anyang&sort=-orders").text
    assert re.findall(r'class="key" href="[^"]+">([^<]+)<', page) == ["Anyang"] and "1 supplier:" in page
    page = browser.get("/buyer/suppliers?sort=-orders").text
    address = unescape(re.search(r'href="([^"]+export\.csv[^"]*)"', page).group(1))
    table = [line.split(",") for line in browser.get(address).text.lstrip("\ufeff").splitlines()]
    assert [row[0] for row in table] == ["Supplier", "Qinghe", "Anyang", "Zhaoyuan"]
    assert (table[1][1], table[1][2], table[2][2:]) == (trade.farm.gln, "1", ["0", *[""] * 7, "0"])
