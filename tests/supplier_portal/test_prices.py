"""An order is placed at the price of its day, and keeps it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from hub import db, prices
from hub.demo import builder
from hub.models.base import now
from hub.models.party import OrganizationKind, Role
from hub.models.supply import Price
from hub.models.trade import PurchaseOrder
from supplier_portal.orders import order_book, orders
from supplier_portal.orders.order_book import OrderStatus
from tests.supermarket import signed_in

MONDAY = date(2026, 11, 23)
MIDNIGHT = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
"""Tuesday begins in Jinan."""


def priced(trade, price, since=MONDAY, until=None, buyer=None):
    row = Price(
        owner_id=trade.farm.id,
        trade_item_id=trade.tomato.id,
        buyer_id=buyer.id if buyer else None,
        valid_from=since,
        valid_to=until,
        price=Decimal(price),
    )
    with db.session(trade.grower.who) as session:
        session.add(row)


def costs(trade, at=None, buyer=None):
    buyer = buyer or trade.chain
    with db.session(db.Who(buyer.id)) as session:
        return prices.holding(session, buyer.id, [trade.tomato], at or trade.at)[trade.tomato.id].price


def paid(trade, order):
    with db.session(trade.buyer.who) as session:
        return {line.trade_item_id: line.price for line in orders.lines_of(session, order)}[trade.tomato.id]


def test_a_buyers_own_price_goes_before_everybodys_and_that_before_the_items(trade):
    other = builder.party(OrganizationKind.RETAILER, "Lelin")
    builder.relation(other, trade.farm)
    assert costs(trade) == Decimal("4.20")
    priced(trade, "4.00")
    assert costs(trade) == costs(trade, buyer=other) == 4
    priced(trade, "3.50", until=date(2026, 11, 30), buyer=trade.chain)
    assert (costs(trade), costs(trade, buyer=other)) == (Decimal("3.5"), 4)
    assert costs(trade, at=trade.at + timedelta(days=8)) == 4
    assert costs(trade, at=trade.at - timedelta(days=1)) == Decimal("4.20")
    with db.session(trade.grower.who) as session:
        assert prices.holding(session, other.id, [trade.tomato], trade.at)[trade.tomato.id].price == 4
        assert prices.holding(session, other.id, [], trade.at) == {}


def test_a_price_to_come_takes_over_at_the_suppliers_midnight(trade):
    priced(trade, "4.00", until=MONDAY)
    priced(trade, "3.50", since=date(2026, 11, 24))
    assert costs(trade, at=MIDNIGHT - timedelta(seconds=1)) == 4
    assert costs(trade, at=MIDNIGHT) == Decimal("3.5")
    trade.at = MIDNIGHT - timedelta(seconds=1)
    before = trade.ordered()
    trade.at = MIDNIGHT
    after = trade.ordered()
    assert (paid(trade, before), paid(trade, after)) == (4, Decimal("3.5"))


def test_the_midnight_is_the_suppliers_where_its_clock_is_another_than_the_buyers(trade):
    with db.session(trade.grower.who) as session:
        session.get_one(type(trade.farm), trade.farm.id).time_zone = "Asia/Tokyo"
    priced(trade, "3.50", since=date(2026, 11, 24))
    assert costs(trade, at=MIDNIGHT - timedelta(hours=1)) == Decimal("3.5")
    assert costs(trade, at=MIDNIGHT - timedelta(hours=1, seconds=1)) == Decimal("4.20")


def test_an_order_that_is_placed_keeps_its_price_whatever_comes(trade):
    order = trade.ordered()
    priced(trade, "9.00", buyer=trade.chain)
    assert paid(trade, order) == Decimal("4.20")
    with db.session(trade.buyer.who) as session:
        orders.place(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at)
        assert order_book.sheet(session, trade.buyer, order.id, at=trade.at).value == 120 * Decimal("4.20") + 60 * (
            trade.eggs.price
        )
    assert paid(trade, order) == Decimal("4.20")


def test_what_is_not_placed_yet_is_shown_and_then_placed_at_the_price_of_its_day(trade):
    order = trade.ordered(eggs="30", placed=False)
    priced(trade, "3.00", since=date(2026, 11, 24))
    value = 360 + 30 * trade.eggs.price
    with db.session(trade.buyer.who) as session:
        at = trade.at + timedelta(days=1)
        (draft,) = order_book.drafts(session, trade.buyer, [order.id], at=at)
        (row,) = order_book.buyer_orders(session, trade.buyer, at=at, states={OrderStatus.PROPOSED}).rows
        sheet = order_book.sheet(session, trade.buyer, order.id, at=at)
        assert draft.value == row.value == sheet.value == value
        assert order_book.sheet(session, trade.buyer, order.id, at=trade.at).value > value
    assert paid(trade, order) == Decimal("4.20")
    with db.session(trade.buyer.who) as session:
        orders.place(session, trade.buyer, session.get_one(PurchaseOrder, order.id), at=trade.at + timedelta(days=1))
    assert paid(trade, order) == 3


def test_however_many_lines_an_order_has_their_prices_are_asked_for_at_once(trade, asked_of_the_database):
    small = trade.ordered(placed=False)
    items = [builder.item(trade.farm, f"Item {n}") for n in range(20)]
    builder.assortment(trade.chain, {f"I-{n}": item for n, item in enumerate(items)})
    wanted = [orders.DraftLine(item.id, Decimal(10)) for item in items]
    with db.session(trade.buyer.who) as session:
        draft = orders.OrderDraft(trade.farm.id, trade.stores[0].id, trade.deliver_on, wanted)
        large = orders.write(session, trade.buyer, draft, at=trade.at)
    counted = []
    for order in (small, large):
        with db.session(trade.buyer.who) as session:
            held = session.get_one(PurchaseOrder, order.id)
            with asked_of_the_database() as statements:
                orders.place(session, trade.buyer, held, at=trade.at)
            counted.append(len(statements))
    assert counted[0] == counted[1]


def test_a_buyer_reads_on_the_page_of_proposals_what_they_would_cost(trade):
    trade.deliver_on = now().date() + timedelta(days=20)
    trade.ordered(eggs="30", placed=False)
    priced(trade, "3.00", since=date(2026, 1, 1), buyer=trade.chain)
    browser = signed_in(trade.chain, Role.BUYER)
    value = 360 + 30 * trade.eggs.price
    assert f"¥ {value:.2f}" in browser.get("/buyer/proposals").text


@pytest.fixture
def asked_of_the_database():
    """What is sent to the database in the meantime."""
    from contextlib import contextmanager

    from sqlalchemy import event

    @contextmanager
    def listening():
        statements = []

        def heard(_connection, _cursor, statement, *_more):
            statements.append(statement)

        event.listen(db.app_engine(), "before_cursor_execute", heard)
        yield statements
        event.remove(db.app_engine(), "before_cursor_execute", heard)

    return listening
