"""What a store needs to know today: what arrives, what was short, what runs low, what is soon too old."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import DateTime, cast, func, or_, select
from sqlmodel import Session, col

from hub import sought
from hub.access import Actor
from hub.errors import NotFound
from hub.lists import CountedPage, Page, Search
from hub.models.catalogue import Lot, RecallNotice, TradeItem
from hub.models.inventory import NEAR_ITS_DATE, LotStock, StockLevel
from hub.models.party import Organization, Place, PlaceKind
from hub.models.trade import Shipment
from logistics import shipments
from logistics.drive import tracking
from logistics.models import Excursion, Receipt, ReceiptLine, Stop


@dataclass(frozen=True)
class Delivery:
    """A shipment to a store, from whom, and how far it is."""

    shipment: Shipment
    place: Place
    supplier: Organization | None
    stop: Stop | None
    receipt: Receipt | None
    excursions: Sequence[Excursion]

    @property
    def expected_at(self) -> datetime | None:
        """When it came, or is to be expected; nothing while no route is published."""
        return (self.stop.arrived_at or self.stop.expected_at) if self.stop else None

    def to_count(self, at: datetime) -> bool:
        """Whether it is time to count it: it is at the door, or due by now where no route tells."""
        if self.receipt is not None:
            return False
        if self.stop is not None:
            return self.stop.arrived_at is not None
        return self.shipment.deliver_on <= self.place.day(at)


@dataclass(frozen=True)
class Shelf:
    """An item at a store: how much there is, what of it is next too old."""

    level: StockLevel
    item: TradeItem
    place: Place
    lots: Sequence[LotStock] = ()

    @property
    def low(self) -> bool:
        """Whether there is less than the safety level."""
        return self.level.on_hand < self.level.safety


class Only(StrEnum):
    """Which part of the stock is shown."""

    ALL = "all"
    LOW = "low"
    NEAR = "near"


def places(session: Session, actor: Actor) -> list[Place]:
    """The store a person works at; every store of a person who works at none in particular."""
    statement = select(Place).where(col(Place.owner_id) == actor.organization_id)
    if actor.place_id is not None:
        statement = statement.where(col(Place.id) == actor.place_id)
    else:
        statement = statement.where(col(Place.kind) == PlaceKind.STORE)
    return list(session.scalars(statement.order_by(col(Place.name_en))))


def delivery(session: Session, actor: Actor, sscc: str) -> Delivery:
    """One delivery to a store of the actor."""
    mine = {place.id for place in places(session, actor)}
    shipment = shipments.find(session, sscc)
    if shipment.buyer_id != actor.organization_id or shipment.deliver_to_id not in mine:
        raise NotFound
    return _deliveries(session, select(Shipment).where(col(Shipment.id) == shipment.id))[0]


def deliveries(
    session: Session,
    actor: Actor,
    search: Search = Search(),
    *,
    open_only: bool = False,
    day: date | None = None,
) -> CountedPage[Delivery]:
    """Deliveries to the actor's stores, the latest first; of those not counted yet, what arrives first."""
    statement = (
        select(Shipment)
        .join(Place, col(Place.id) == col(Shipment.deliver_to_id))
        .join(Organization, col(Organization.id) == col(Shipment.owner_id), isouter=True)
        .where(
            col(Shipment.buyer_id) == actor.organization_id,
            col(Shipment.deliver_to_id).in_([place.id for place in places(session, actor)]),
        )
    )
    if open_only:
        statement = statement.where(col(Shipment.id).not_in(select(col(Receipt.shipment_id))))
    if day is not None:
        statement = statement.where(col(Shipment.deliver_on) == day)
    for like in sought.patterns(search.words):
        suppliers = select(col(Organization.id)).where(sought.has(col(Organization.sought), like))
        named = (sought.has(col(Shipment.number), like), sought.has(col(Shipment.sscc), like))
        statement = statement.where(or_(*named, col(Shipment.owner_id).in_(suppliers)))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    arrives = _arrives()
    first = arrives.asc() if open_only else arrives.desc()
    order = search.order(_DELIVERY_SORTS | {"arrives": arrives}, first, col(Shipment.number), col(Shipment.id))
    listed = statement.order_by(*order).offset(search.before).limit(search.size)
    return CountedPage(_deliveries(session, listed), total, search)


_DELIVERY_SORTS: dict[str, Any] = {
    "supplier_zh": col(Organization.name_zh),
    "supplier_en": col(Organization.name_en),
    "weight": col(Shipment.weight_kg),
}


def _arrives() -> Any:
    """When a shipment came or is expected; where no route tells, it is the end of its day on the store's clock."""
    known = (
        select(func.max(func.coalesce(col(Stop.arrived_at), col(Stop.expected_at))))
        .where(col(Stop.shipment_id) == col(Shipment.id), col(Stop.published_at).is_not(None))
        .correlate(Shipment)
        .scalar_subquery()
    )
    day_after = cast(col(Shipment.deliver_on) + 1, DateTime)
    return func.coalesce(known, func.timezone(col(Place.time_zone), day_after))


def short(session: Session, actor: Actor, since: datetime) -> list[tuple[ReceiptLine, TradeItem, Shipment]]:
    """The lines that were short in what the actor's stores received since then."""
    statement = (
        select(ReceiptLine, TradeItem, Shipment)
        .join(Receipt, col(Receipt.id) == col(ReceiptLine.receipt_id))
        .join(TradeItem, col(TradeItem.id) == col(ReceiptLine.trade_item_id))
        .join(Shipment, col(Shipment.id) == col(Receipt.shipment_id))
        .where(
            col(Receipt.owner_id) == actor.organization_id,
            col(Receipt.place_id).in_([place.id for place in places(session, actor)]),
            col(Receipt.received_at) >= since,
            col(ReceiptLine.quantity) < col(ReceiptLine.announced),
        )
        .order_by(col(Receipt.received_at).desc(), col(ReceiptLine.id))
    )
    return [(line, item, shipment) for line, item, shipment in session.execute(statement).all()]


def shelves(
    session: Session,
    actor: Actor,
    search: Search = Search(),
    *,
    today: date,
    only: Only = Only.ALL,
) -> Page[Shelf]:
    """What is on the shelves of the actor's stores, with its lots, the scarcest first."""
    statement = _stock(session, actor, search, today, only)
    rows = session.execute(
        statement.order_by(
            (col(StockLevel.on_hand) < col(StockLevel.safety)).desc(),
            col(TradeItem.category),
            col(TradeItem.gtin),
            col(StockLevel.place_id),
        )
        .offset(search.before)
        .limit(search.size + 1)
    ).all()
    lots = _lots(session, [level for level, _item, _place in rows])
    return Page.of(
        [Shelf(level, item, place, lots.get((level.place_id, level.trade_item_id), ())) for level, item, place in rows],
        search,
    )


def count(session: Session, actor: Actor, search: Search = Search(), *, today: date, only: Only) -> int:
    """How many such shelves there are."""
    stock = _stock(session, actor, search, today, only).subquery()
    return session.scalar(select(func.count()).select_from(stock)) or 0


def recalled(session: Session, items: Sequence[UUID]) -> set[tuple[UUID, str]]:
    """The lots of these items under an open recall, as item and lot number."""
    statement = (
        select(col(Lot.trade_item_id), col(Lot.number))
        .join(RecallNotice, col(RecallNotice.lot_id) == col(Lot.id))
        .where(col(Lot.trade_item_id).in_(items), col(RecallNotice.closed_at).is_(None))
    )
    return {(item, number) for item, number in session.execute(statement).all()}


def begun(places: Sequence[Place], at: datetime) -> datetime:
    """When today began at these stores."""
    zone = places[0].zone if places else UTC
    return datetime.combine(at.astimezone(zone).date(), time(0), zone)


def _stock(session: Session, actor: Actor, search: Search, today: date, only: Only) -> Any:
    statement: Any = (
        select(StockLevel, TradeItem, Place)
        .join(TradeItem, col(TradeItem.id) == col(StockLevel.trade_item_id))
        .join(Place, col(Place.id) == col(StockLevel.place_id))
        .where(
            col(StockLevel.owner_id) == actor.organization_id,
            col(StockLevel.place_id).in_([place.id for place in places(session, actor)]),
        )
    )
    if only is Only.LOW:
        statement = statement.where(col(StockLevel.on_hand) < col(StockLevel.safety))
    near = select(LotStock).where(
        col(LotStock.place_id) == col(StockLevel.place_id),
        col(LotStock.trade_item_id) == col(StockLevel.trade_item_id),
    )
    if only is Only.NEAR:
        soon = near.where(col(LotStock.on_hand) > 0, col(LotStock.best_before) <= today + NEAR_ITS_DATE)
        statement = statement.where(soon.exists())
    for like in sought.patterns(search.words):
        of_lot = near.where(sought.has(col(LotStock.lot), like), col(LotStock.on_hand) > 0).exists()
        statement = statement.where(or_(of_lot, sought.has(col(TradeItem.sought), like)))
    return statement


def _lots(session: Session, levels: Sequence[StockLevel]) -> dict[tuple[UUID, UUID], list[LotStock]]:
    statement = select(LotStock).where(
        col(LotStock.place_id).in_({level.place_id for level in levels}),
        col(LotStock.trade_item_id).in_({level.trade_item_id for level in levels}),
        col(LotStock.on_hand) > Decimal(0),
    )
    by_shelf: dict[tuple[UUID, UUID], list[LotStock]] = {}
    for lot in session.scalars(statement.order_by(col(LotStock.best_before).nulls_last(), col(LotStock.lot))):
        by_shelf.setdefault((lot.place_id, lot.trade_item_id), []).append(lot)
    return by_shelf


def _deliveries(session: Session, statement: Any) -> list[Delivery]:
    rows: list[Shipment] = list(session.scalars(statement))
    ids = [shipment.id for shipment in rows]
    stops = {s.shipment_id: s for s in session.scalars(select(Stop).where(col(Stop.shipment_id).in_(ids)))}
    receipts = {r.shipment_id: r for r in session.scalars(select(Receipt).where(col(Receipt.shipment_id).in_(ids)))}
    parties = {o.id: o for o in session.scalars(select(Organization))}
    stores = {p.id: p for p in session.scalars(select(Place).where(col(Place.id).in_({s.deliver_to_id for s in rows})))}
    warm = tracking.excursions(session, ids)
    return [
        Delivery(
            shipment,
            stores[shipment.deliver_to_id],
            parties.get(shipment.owner_id),
            stops.get(shipment.id),
            receipts.get(shipment.id),
            warm.get(shipment.id, ()),
        )
        for shipment in rows
    ]
