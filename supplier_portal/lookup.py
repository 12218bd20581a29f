"""Things found by the numbers that people and programs use: orders, items, lots, organisations."""

from uuid import UUID

from sqlalchemy import select
from sqlmodel import Session, col

from hub.access import Actor
from hub.errors import HubError, NotFound
from hub.gs1 import digital_link
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization, OrganizationKind, Place
from hub.models.trade import PurchaseOrder


class UnknownGtin(HubError):
    """You offer no item of this GTIN, or the order has none."""

    code, status = "unknown-gtin", 404


class OrderAmbiguous(HubError):
    """Two buyers have an order of this number; name the buyer's GLN as well."""

    code, status = "order-ambiguous", 409


def order(session: Session, actor: Actor, number: str, buyer: str = "") -> PurchaseOrder:
    """The order of a number that the actor's organisation placed or received; ``buyer`` is a GLN.

    A number is its buyer's own, so a supplier may meet the same one twice.
    """
    mine = (col(PurchaseOrder.owner_id) == actor.organization_id) | (
        col(PurchaseOrder.supplier_id) == actor.organization_id
    )
    statement = select(PurchaseOrder).where(col(PurchaseOrder.number) == number, mine)
    if buyer:
        named = select(col(Organization.id)).where(col(Organization.gln) == buyer)
        statement = statement.where(col(PurchaseOrder.owner_id).in_(named))
    orders = session.scalars(statement.limit(2)).all()
    if not orders:
        raise NotFound("There is no such order, or it is not yours to see.")
    if len(orders) > 1:
        raise OrderAmbiguous(number=number)
    return orders[0]


def own_item(session: Session, actor: Actor, gtin: str, at: str = "") -> TradeItem:
    """One's own trade item of a GTIN: others may make it too. ``at`` is the field that names it."""
    number = digital_link.gtin(gtin)
    statement = select(TradeItem).where(col(TradeItem.gtin) == number, col(TradeItem.owner_id) == actor.organization_id)
    item = session.scalars(statement).first()
    if item is None:
        raise UnknownGtin("You offer no item of GTIN %(gtin)s.", at=at, gtin=number)
    return item


def lot(session: Session, actor: Actor, of: TradeItem, number: str) -> Lot:
    """A lot of one's own by its item and number."""
    statement = select(Lot).where(
        col(Lot.owner_id) == actor.organization_id,
        col(Lot.trade_item_id) == of.id,
        col(Lot.number) == number,
    )
    lot = session.scalars(statement).first()
    if lot is None:
        raise NotFound("You have no lot %(lot)s of this item.", lot=number)
    return lot


def place(session: Session, actor: Actor, gln: str) -> Place:
    """A place of one's own by its GLN."""
    statement = select(Place).where(col(Place.owner_id) == actor.organization_id, col(Place.gln) == gln)
    place = session.scalars(statement).first()
    if place is None:
        raise NotFound("You have no place of GLN %(gln)s.", gln=gln)
    return place


def organizations(session: Session, ids: set[UUID]) -> dict[UUID, Organization]:
    """Organisations by their ids."""
    return {o.id: o for o in session.scalars(select(Organization).where(col(Organization.id).in_(ids)))}


def places(session: Session, ids: set[UUID]) -> dict[UUID, Place]:
    """Places by their ids."""
    return {p.id: p for p in session.scalars(select(Place).where(col(Place.id).in_(ids)))}


def items(session: Session, ids: set[UUID]) -> dict[UUID, TradeItem]:
    """Trade items by their ids."""
    return {i.id: i for i in session.scalars(select(TradeItem).where(col(TradeItem.id).in_(ids)))}


def partners(session: Session, actor: Actor) -> list[Organization]:
    """Everybody one works with, by name."""
    statement = select(Organization).where(col(Organization.id) != actor.organization_id)
    return list(session.scalars(statement.order_by(col(Organization.name_en))))


def buyers(session: Session) -> list[Organization]:
    """The retailers one trades with."""
    statement = select(Organization).where(col(Organization.kind) == OrganizationKind.RETAILER)
    return list(session.scalars(statement.order_by(col(Organization.gln))))


def suppliers(session: Session) -> list[Organization]:
    """The suppliers one trades with."""
    statement = select(Organization).where(col(Organization.kind) == OrganizationKind.SUPPLIER)
    return list(session.scalars(statement.order_by(col(Organization.gln))))


def buyer(session: Session, gln: str) -> Organization:
    """A retailer one trades with, by its GLN."""
    known = {party.gln: party for party in buyers(session)}
    if gln not in known:
        raise NotFound("You have no buyer of GLN %(gln)s.", gln=gln)
    return known[gln]


def supplier(session: Session, gln: str) -> Organization:
    """A supplier one trades with, by its GLN."""
    known = {party.gln: party for party in suppliers(session)}
    if gln not in known:
        raise NotFound("You have no supplier of GLN %(gln)s.", gln=gln)
    return known[gln]


def own_lots(session: Session, actor: Actor, links: set[str]) -> dict[str, UUID]:
    """Those of some lots' links that are the actor's organisation's own lots, with their ids."""
    numbers = {digital_link.parse(link).qualifier("10") for link in links}
    rows = session.execute(
        select(col(TradeItem.gtin), col(Lot.number), col(Lot.id))
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(col(Lot.owner_id) == actor.organization_id, col(Lot.number).in_(numbers))
    )
    return {digital_link.lot_link(gtin, number): lot_id for gtin, number, lot_id in rows}
