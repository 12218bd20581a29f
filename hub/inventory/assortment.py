"""From whom a retailer takes an item.

Several suppliers may offer one article number, and the retailer may change its mind.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import NotFound
from hub.gs1 import digital_link
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment, LotStock, SalesDay, StockLevel
from hub.models.party import Organization
from hub.trace import listings


@dataclass(frozen=True)
class Offer:
    """A supplier's offer of an article number."""

    item: TradeItem
    supplier: Organization


@dataclass(frozen=True)
class Contested:
    """An item that several suppliers offer a retailer.

    It says what the retailer's core calls it, from whom it is taken, and who else has it.
    """

    row: Assortment
    taken: Offer
    others: list[Offer]


def retailers() -> list[UUID]:
    """Every retailer that carries something, whether a core or a sheet tells of its stock and sales."""
    with db.hub_session() as session:
        owner = col(Assortment.owner_id)
        return list(session.scalars(select(owner).distinct().order_by(owner)))


def best(session: Session, offers: Sequence[TradeItem]) -> TradeItem:
    """Of several offers of one article number: that under whose prefix it can be numbered, else the oldest."""
    if len(offers) == 1:
        return offers[0]
    rank = {listing.maker_id: place for place, listing in enumerate(listings.of(session, offers[0].gtin))}
    return min(offers, key=lambda offer: rank.get(offer.owner_id, len(rank)))


def contested(session: Session) -> list[Contested]:
    """What of the assortment more than one supplier offers."""
    mine = session.info["who"].org
    several = (
        select(col(TradeItem.gtin))
        .group_by(col(TradeItem.gtin))
        .having(func.count(col(TradeItem.owner_id).distinct()) > 1)
    )
    rows = session.execute(
        select(TradeItem, Organization)
        .join(Organization, col(Organization.id) == col(TradeItem.owner_id))
        .where(col(TradeItem.gtin).in_(several))
        .order_by(col(TradeItem.created_at))
    )
    offers: dict[str, list[Offer]] = {}
    for item, supplier in rows:
        offers.setdefault(item.gtin, []).append(Offer(item, supplier))
    carried = {
        row.trade_item_id: row for row in session.scalars(select(Assortment).where(col(Assortment.owner_id) == mine))
    }
    contests = []
    for those in offers.values():
        for taken in those:
            if (row := carried.get(taken.item.id)) is not None:
                contests.append(Contested(row, taken, [offer for offer in those if offer is not taken]))
    return contests


def take_from(session: Session, actor: Actor, assortment_id: UUID, item_id: UUID) -> Assortment:
    """Take an item from another supplier that offers the same article number, from the next order on.

    Its stock and its sales go along, so that what is forecast and ordered goes on without a gap.
    """
    access.require(actor, Permission.PLACE_ORDERS)
    row, offer = session.get(Assortment, assortment_id), session.get(TradeItem, item_id)
    taken = session.get(TradeItem, row.trade_item_id) if row else None
    if row is None or row.owner_id != actor.organization_id or offer is None or taken is None:
        raise NotFound("There is no such item in your assortment.")
    access.require(actor, Permission.PLACE_ORDERS, row.owner_id)
    if offer.gtin != taken.gtin:
        raise NotFound("The other supplier offers no item of GTIN %(gtin)s.", gtin=digital_link.printed(taken.gtin))
    if offer.id == taken.id:
        return row
    tables: tuple[type[StockLevel | LotStock | SalesDay], ...] = (StockLevel, LotStock, SalesDay)
    for table in tables:
        session.execute(
            update(table)
            .where(col(table.owner_id) == row.owner_id, col(table.trade_item_id) == taken.id)
            .values(trade_item_id=offer.id)
        )
    row.trade_item_id, row.supplier_id = offer.id, offer.owner_id
    session.add(row)
    access.record(session, actor, "assortment.take-from", offer.gtin, code=row.core_code)
    session.flush()
    return row
