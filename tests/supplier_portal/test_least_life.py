"""How long goods are to last on receipt is agreed with the order, seen where they are packed and where they arrive."""

from datetime import timedelta

from sqlmodel import select

from hub import db
from hub.models.inventory import Assortment
from hub.models.party import Role
from hub.models.trade import OrderLine, PurchaseOrder, Shipment
from logistics.receive import contents
from supplier_portal.dispatch import consignments
from supplier_portal.orders import order_book
from tests.logistics.conftest import EVENING, WEDNESDAY, keys_of_the_hub, region, seen_by
from tests.supermarket import lot, signed_in

__all__ = ["keys_of_the_hub", "region"]


def ask(region, days):
    """The buyer asks that tomatoes last so many days on receipt."""
    with db.session(region.buyer.who) as session:
        for row in session.exec(select(Assortment)):
            if row.trade_item_id == region.tomato.id:
                row.least_days_left = days
                session.add(row)


def test_what_was_agreed_with_the_order_holds_whatever_its_buyer_asks_later(region):
    ask(region, 5)
    shipment = region.shipped(tomato=120)
    ask(region, 1)
    for actor in (region.buyer, region.grower):
        with db.session(actor.who) as session:
            (part,) = contents.announced(session, session.get_one(Shipment, shipment.id))
            assert (part.least_days_left, part.days_left(WEDNESDAY)) == (5, 3)
    assert [line.least_days_left for line in seen_by(region.farm.id, OrderLine)] == [5]
    with db.session(region.buyer.who) as session:
        line = session.exec(select(OrderLine)).one()
        line.least_days_left = None  # an order of the version before
    with db.session(region.buyer.who) as session:
        (part,) = contents.announced(session, session.get_one(Shipment, shipment.id))
        assert part.least_days_left == 1


def test_where_it_packs_a_supplier_sees_which_lots_have_less_time_left_than_was_agreed(region):
    ask(region, 5)
    shipment = region.shipped(tomato=20)
    fresh = lot(region.tomato, "T-99", made_on=WEDNESDAY - timedelta(days=1))
    with db.session(region.grower.who) as session:
        order = session.get_one(PurchaseOrder, shipment.order_id)
        sheet = order_book.sheet(session, region.grower, order.id, at=EVENING)
        (line,) = sheet.lines
        lots = {left.number: left for left, _ in consignments.lots_left(session, line.item.id)}
        short = {number: held.days_short(WEDNESDAY, line.line.least_days_left) for number, held in lots.items()}
    assert short == {"T-88": 3, fresh.number: None}
    assert lots["T-88"].days_short(WEDNESDAY, None) is None
    assert lots["T-88"].days_short(WEDNESDAY + timedelta(days=9), 5) == -6


def test_the_form_that_announces_goods_says_so_beside_the_lot(region, monkeypatch):
    ask(region, 5)
    number = region.confirmed(tomato=20).number
    monkeypatch.setattr("supplier_portal.orders.answering.supplier_pages.now", lambda: EVENING)
    browser = signed_in(region.farm, Role.SUPPLIER)
    assert "3 days left on arrival; 5 were agreed." in browser.get(f"/supplier/orders/{number}").text
