"""What is found of the trade: orders, a supplier's lots, what was sent, and a buyer's suppliers."""

from urllib.parse import quote
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from hub import sought
from hub.access import Actor
from hub.finding import Asked, Found, Results, Way, results
from hub.gs1 import digital_link
from hub.lists import CountedPage
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind
from hub.models.trade import PurchaseOrder, Shipment
from hub.web.i18n import Language
from supplier_portal import lookup
from supplier_portal.lots import lot_book
from supplier_portal.lots.view import lot_state
from supplier_portal.orders import order_book
from supplier_portal.orders.order_book import UNPLACED, OrderRow, OrderStatus
from supplier_portal.orders.view import order_address, order_state

_PLACED = frozenset(OrderStatus) - UNPLACED


def bought(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """The orders that a buyer has placed."""
    if (search := asked.search("item")) is None:
        return Results()
    page = order_book.buyer_orders(session, actor, search, at=now(), states=_PLACED)
    return results(_orders(session, page, asked, speaks), search, page.total, "/buyer/orders", state="all")


def sold(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """The orders that a supplier was sent."""
    if (search := asked.search("item")) is None:
        return Results()
    page = order_book.supplier_orders(session, actor, search, at=now())
    found = _orders(session, page, asked, speaks, supplier=True)
    return results(found, search, page.total, "/supplier/orders", state="all")


def _orders(
    session: Session, page: CountedPage[OrderRow], asked: Asked, speaks: Language, *, supplier: bool = False
) -> list[Found]:
    orders = [row.order for row in page.rows]
    parties = lookup.organizations(session, {order.owner_id if supplier else order.supplier_id for order in orders})
    places = lookup.places(session, {order.deliver_to_id for order in orders})
    return [
        Found(
            row.order.number,
            " · ".join(
                [
                    speaks.name(parties[row.order.owner_id if supplier else row.order.supplier_id]),
                    speaks.name(places[row.order.deliver_to_id]),
                    speaks.long_date(row.order.deliver_on),
                ]
            ),
            _address(row.order, parties, supplier),
            order_state(row.status, speaks, supplier=supplier),
            asked.exactly(row.order.number),
        )
        for row in page.rows
    ]


def _address(order: PurchaseOrder, parties: dict[UUID, Organization], supplier: bool) -> str:
    return order_address(order, parties[order.owner_id]) if supplier else f"/buyer/orders/{quote(order.number)}"


def lots(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """A supplier's own lots."""
    if (search := asked.search("gtin", "lot")) is None:
        return Results()
    page = lot_book.lots(session, actor.organization_id, search)
    found = [
        Found(
            row.lot.number,
            f"{speaks.name(row.item)} · {digital_link.printed(row.item.gtin)}",
            f"/supplier/lots/{row.lot.id}",
            lot_state(row.state, speaks),
            asked.exactly(row.lot.number, f"{row.item.gtin} {row.lot.number}"),
        )
        for row in page.rows
    ]
    return results(found, search, page.total, "/supplier/lots")


def coming(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """What was sent to a buyer: found on the page of its order."""
    return _shipments(session, actor, asked, speaks, supplier=False)


def sent(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """What a supplier has sent: found on the page of its order."""
    return _shipments(session, actor, asked, speaks, supplier=True)


def _shipments(session: Session, actor: Actor, asked: Asked, speaks: Language, *, supplier: bool) -> Results:
    if (search := asked.search("sscc")) is None:
        return Results()
    side = col(Shipment.owner_id) if supplier else col(Shipment.buyer_id)
    mine = (
        select(Shipment, PurchaseOrder)
        .join(PurchaseOrder, col(PurchaseOrder.id) == col(Shipment.order_id))
        .where(
            side == actor.organization_id,
            sought.mentions(search.words, col(Shipment.number), col(Shipment.sscc)),
        )
    )
    total = session.scalar(select(func.count()).select_from(mine.subquery())) or 0
    rows = session.execute(mine.order_by(col(Shipment.id).desc()).limit(search.size)).all()
    buyers = lookup.organizations(session, {order.owner_id for _, order in rows})
    found = [
        Found(
            shipment.number,
            f"{order.number} · SSCC {shipment.sscc}",
            _address(order, buyers, supplier),
            exact=asked.exactly(shipment.number, shipment.sscc),
        )
        for shipment, order in rows
    ]
    return Results(found, total)


def suppliers(session: Session, actor: Actor, asked: Asked, speaks: Language) -> Results:
    """The suppliers of a buyer."""
    if (search := asked.search("gln")) is None:
        return Results()
    named = select(Organization).where(
        col(Organization.kind) == OrganizationKind.SUPPLIER, sought.mentions(search.words, col(Organization.sought))
    )
    rows = session.scalars(named.order_by(col(Organization.name_en), col(Organization.id))).all()
    found = [
        Found(speaks.name(row), row.gln, f"/buyer/suppliers/{row.gln}", exact=asked.exactly(row.gln))
        for row in rows[: search.size]
    ]
    return Results(found, len(rows), "/buyer/suppliers" if len(rows) > len(found) else "")


BOUGHT = Way("/buyer/orders/{number}", bought)
SOLD = Way("/supplier/orders/{number}", sold)
LOTS = Way("/supplier/lots/{lot_id}", lots)
COMING = Way("/buyer/orders/{number}", coming)
SENT = Way("/supplier/orders/{number}", sent)
SUPPLIERS = Way("/buyer/suppliers/{gln}", suppliers)
