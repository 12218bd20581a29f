"""What could leave for an order now, lot by lot, the first to expire first; and what has left."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from hub.access import Actor
from hub.models.catalogue import Lot, RecallNotice, Temperature
from hub.models.party import Place, PlaceKind
from hub.models.trade import Shipment, ShipmentLine
from supplier_portal.lots import record_book
from supplier_portal.lots.record_book import RecordRow
from supplier_portal.orders.agreeing.terms import Part, parts_of
from supplier_portal.orders.order_book import TO_SEND, OrderSheet, SheetLine

_LOTS_SHOWN = 6


@dataclass(frozen=True)
class LotLeft:
    """A lot with what is left of it, and how much of that would go.

    ``days_left`` is how long it lasts from the day it arrives, where that is less than was agreed with the order.
    """

    lot: Lot
    left: Decimal
    suggested: Decimal
    days_left: int | None = None


@dataclass(frozen=True)
class LineToPack:
    """A line with what is still to be sent of it, and the lots it can be sent from."""

    row: SheetLine
    open: Decimal
    lots: list[LotLeft]


@dataclass(frozen=True)
class Consignment:
    """What can travel together: the same day, and frozen goods apart."""

    deliver_on: date
    frozen: bool
    lines: list[LineToPack] = field(default_factory=list)

    @property
    def key(self) -> str:
        """Its name in a form."""
        return f"{self.deliver_on.isoformat()}{'-frozen' if self.frozen else ''}"


def planned(session: Session, sheet: OrderSheet) -> list[Consignment]:
    """What was confirmed and has not left, by day."""
    if sheet.status not in TO_SEND:
        return []
    by_day: dict[tuple[date, bool], Consignment] = {}
    for row in sheet.lines:
        for deliver_on, still in _to_send(row):
            key = deliver_on, row.comes.temperature is Temperature.FROZEN
            consignment = by_day.setdefault(key, Consignment(*key))
            lots = [
                replace(lot, days_left=lot.lot.days_short(deliver_on, row.line.least_days_left))
                for lot in _suggested(lots_left(session, row.comes.id), still)
            ]
            consignment.lines.append(LineToPack(row, still, lots))
    return [by_day[key] for key in sorted(by_day)]


def _to_send(row: SheetLine) -> Iterator[tuple[date, Decimal]]:
    """What was agreed of a line and has not left, day by day: what has left was of its first days."""
    answer = row.answer
    if answer is None or answer.open:
        return
    gone = row.shipped
    for part in parts_of(answer.parts) or (Part(answer.deliver_on, answer.quantity),):
        still = part.quantity - min(gone, part.quantity)
        gone -= part.quantity - still
        if still:
            yield part.deliver_on, still


def lots_left(session: Session, trade_item_id: UUID) -> list[tuple[Lot, Decimal]]:
    """The own lots of an item that have something left and may be sent, the first to expire first."""
    mine = session.info["who"].org
    gone = (
        select(func.coalesce(func.sum(col(ShipmentLine.quantity)), 0))
        .where(col(ShipmentLine.lot_id) == col(Lot.id), col(ShipmentLine.owner_id) == mine)
        .scalar_subquery()
    )
    recalled = select(col(RecallNotice.lot_id)).where(col(RecallNotice.closed_at).is_(None))
    rows = session.execute(
        select(Lot, col(Lot.quantity) - gone)
        .where(
            col(Lot.owner_id) == mine,
            col(Lot.trade_item_id) == trade_item_id,
            col(Lot.made_on).is_not(None),
            col(Lot.quantity) > gone,
            col(Lot.id).not_in(recalled),
        )
        .order_by(col(Lot.best_before).asc().nulls_last(), col(Lot.number))
    )
    return [(lot, left) for lot, left in rows]


def _suggested(lots: Collection[tuple[Lot, Decimal]], quantity: Decimal) -> list[LotLeft]:
    suggestion = []
    for lot, left in lots:
        take = min(left, quantity)
        quantity -= take
        suggestion.append(LotLeft(lot, left, take))
        if len(suggestion) >= _LOTS_SHOWN and not quantity:
            break
    return suggestion


def sources(session: Session, actor: Actor, *, everywhere: bool = False) -> list[Place]:
    """Where the supplier's goods can leave from, packhouses first; ``everywhere`` with its laboratory."""
    statement = select(Place).where(col(Place.owner_id) == actor.organization_id)
    if not everywhere:
        statement = statement.where(col(Place.kind) != PlaceKind.LABORATORY)
    places = session.scalars(statement)
    return sorted(places, key=lambda place: (place.kind is not PlaceKind.PACKHOUSE, place.name_en))


@dataclass(frozen=True)
class SentLine:
    """How much of which lot left."""

    line: ShipmentLine
    lot: Lot | None


@dataclass(frozen=True)
class Sent:
    """A shipment with its lots and its record."""

    shipment: Shipment
    lines: list[SentLine]
    record: RecordRow | None


def sent(session: Session, sheet: OrderSheet) -> list[Sent]:
    """What has left for an order, as far as the session may see it."""
    ids = [shipment.id for shipment in sheet.shipments]
    rows = session.execute(
        select(ShipmentLine, Lot)
        .outerjoin(Lot, col(Lot.id) == col(ShipmentLine.lot_id))
        .where(col(ShipmentLine.shipment_id).in_(ids))
        .order_by(col(ShipmentLine.id))
    ).all()
    records = record_book.by_id(session, [s.event_id for s in sheet.shipments if s.event_id])
    return [
        Sent(
            shipment,
            [SentLine(line, lot) for line, lot in rows if line.shipment_id == shipment.id],
            records.get(shipment.event_id) if shipment.event_id else None,
        )
        for shipment in sheet.shipments
    ]
