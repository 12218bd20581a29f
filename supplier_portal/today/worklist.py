"""What a supplier must look at today beside its orders: what went wrong, what ends soon, what is expected otherwise."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlmodel import Session, col

from hub.access import Actor
from hub.gs1 import cbv, reading
from hub.lists import Search
from hub.models.catalogue import Certificate, Lot, RecallNotice, TradeItem
from hub.models.claims import Claim
from hub.models.trace import Event
from hub.models.trade import OrderAnswer, OrderLine, PurchaseOrder, Shipment, ShipmentLine
from supplier_portal.claims import claim_book
from supplier_portal.claims.claim_book import ClaimState
from supplier_portal.models import Forecast, SharedForecast

_LOOKS_BACK = timedelta(days=14)
_SOON = timedelta(days=60)
_JUST_NOW = timedelta(days=3)
_CLAIMS = 10


class Kind(StrEnum):
    """What went wrong."""

    RECALL = "recall"
    SHORT = "short"
    EXCURSION = "excursion"
    CERTIFICATE = "certificate"
    CANCELLED = "cancelled"
    CLAIM = "claim"


@dataclass(frozen=True)
class Trouble:
    """Something that needs a look: what, when, and whose row it came from."""

    kind: Kind
    when: datetime | None
    owner_id: UUID
    order: PurchaseOrder | None = None
    item: TradeItem | None = None
    lot: Lot | None = None
    sent: Decimal = Decimal(0)
    taken: Decimal = Decimal(0)
    celsius: Decimal | None = None
    certificate: Certificate | None = None
    claim: Claim | None = None
    overdue: bool = False
    days_left: int = 0


def troubles(session: Session, actor: Actor, *, at: datetime, today: date) -> list[Trouble]:
    """What went wrong lately or ends soon, the gravest first."""
    return [
        *_recalls(session, actor),
        *_cancelled(session, actor, at),
        *_claims(session, actor, at),
        *_shorts(session, actor, at),
        *_excursions(session, at),
        *_certificates(session, actor, today),
    ]


def _recalls(session: Session, actor: Actor) -> list[Trouble]:
    rows = session.execute(
        select(RecallNotice, Lot, TradeItem)
        .join(Lot, col(Lot.id) == col(RecallNotice.lot_id))
        .join(TradeItem, col(TradeItem.id) == col(Lot.trade_item_id))
        .where(col(RecallNotice.closed_at).is_(None), col(Lot.owner_id) == actor.organization_id)
        .order_by(col(RecallNotice.opened_at).desc())
    )
    return [Trouble(Kind.RECALL, notice.opened_at, notice.owner_id, lot=lot, item=item) for notice, lot, item in rows]


def _cancelled(session: Session, actor: Actor, at: datetime) -> list[Trouble]:
    """Orders that were confirmed and then called off by their buyer, in the last days."""
    rows = session.scalars(
        select(PurchaseOrder)
        .join(OrderAnswer, col(OrderAnswer.order_id) == col(PurchaseOrder.id))
        .where(
            col(PurchaseOrder.supplier_id) == actor.organization_id,
            col(OrderAnswer.owner_id) == actor.organization_id,
            col(PurchaseOrder.cancelled_at) > at - _JUST_NOW,
            col(PurchaseOrder.cancel_reason) != "",
        )
        .order_by(col(PurchaseOrder.cancelled_at).desc())
    )
    return [Trouble(Kind.CANCELLED, order.cancelled_at, order.owner_id, order=order) for order in rows]


def _claims(session: Session, actor: Actor, at: datetime) -> list[Trouble]:
    """Claims that wait for the supplier's answer, the one that is due first at the top."""
    waiting = claim_book.claims(session, actor, Search(size=_CLAIMS), states={ClaimState.TO_ANSWER})
    return [
        Trouble(
            Kind.CLAIM,
            row.claim.opened_at,
            row.claim.owner_id,
            item=row.item,
            claim=row.claim,
            overdue=claim_book.overdue(row.claim, row.state, at),
        )
        for row in waiting.rows
    ]


def _shorts(session: Session, actor: Actor, at: datetime) -> list[Trouble]:
    """Lines of which the store took less than was sent, once all of it was counted, and that it claims nothing for."""
    shipments = (
        select(func.count())
        .where(col(Shipment.order_id) == col(PurchaseOrder.id), col(Shipment.owner_id) == actor.organization_id)
        .scalar_subquery()
    )
    sent = (
        select(func.coalesce(func.sum(col(ShipmentLine.quantity)), 0))
        .where(
            col(ShipmentLine.order_line_id) == col(OrderLine.id),
            col(ShipmentLine.owner_id) == actor.organization_id,
        )
        .scalar_subquery()
    )
    rows = session.execute(
        select(PurchaseOrder, TradeItem, sent, col(OrderLine.received))
        .join(OrderLine, col(OrderLine.order_id) == col(PurchaseOrder.id))
        .join(TradeItem, col(TradeItem.id) == col(OrderLine.trade_item_id))
        .where(
            col(PurchaseOrder.supplier_id) == actor.organization_id,
            col(PurchaseOrder.received_at) > at - _LOOKS_BACK,
            col(PurchaseOrder.receipts) == shipments,
            col(OrderLine.received) < sent,
            ~select(col(Claim.id)).where(col(Claim.order_line_id) == col(OrderLine.id)).exists(),
        )
        .order_by(col(PurchaseOrder.received_at).desc())
    )
    return [
        Trouble(Kind.SHORT, order.received_at, order.owner_id, order=order, item=item, sent=out, taken=taken)
        for order, item, out, taken in rows
    ]


def _excursions(session: Session, at: datetime) -> list[Trouble]:
    """Temperatures outside their limits on the way of one's goods, as others recorded them."""
    events = session.scalars(
        select(Event)
        .where(col(Event.biz_step) == "sensor_reporting", col(Event.event_time) > at - _LOOKS_BACK)
        .order_by(col(Event.event_time).desc())
        .limit(20)
    )
    return [
        Trouble(Kind.EXCURSION, event.event_time, event.owner_id, celsius=_celsius(event))
        for event in events
        if event.payload is not None
    ]


def _celsius(event: Event) -> Decimal | None:
    document = reading.event_of(event.payload or b"") or {}
    for element in reading.listed(document.get("sensorElementList")):
        for report in reading.elements(element, "sensorReport", "type"):
            value = reading.number(report.get("value"))
            if cbv.measured(report["type"]) == "Temperature" and value is not None:
                return Decimal(str(value))
    return None


def _certificates(session: Session, actor: Actor, today: date) -> list[Trouble]:
    certificates = session.scalars(
        select(Certificate)
        .where(
            col(Certificate.owner_id) == actor.organization_id,
            col(Certificate.lot_id).is_(None),
            col(Certificate.valid_to) <= today + _SOON,
            col(Certificate.valid_to) >= today - _LOOKS_BACK,
        )
        .order_by(col(Certificate.valid_to))
    )
    return [
        Trouble(
            Kind.CERTIFICATE,
            None,
            actor.organization_id,
            certificate=certificate,
            days_left=(certificate.valid_to - today).days,
        )
        for certificate in certificates
        if certificate.valid_to is not None
    ]


@dataclass(frozen=True)
class Change:
    """A week whose expected demand moved the most for an item, with the weeks around it before and now."""

    item: TradeItem
    buyer_id: UUID
    week: date
    before: Decimal
    now: Decimal
    old: list[Decimal]
    new: list[Decimal]

    @property
    def share(self) -> Decimal:
        """By how much it moved, of what was expected before."""
        return (self.now - self.before) / self.before


def changes(session: Session, actor: Actor, *, today: date, most: int = 3) -> list[Change]:
    """What the newest shared forecasts expect otherwise than those before them, the largest change first."""
    rank = func.rank().over(partition_by=col(Forecast.owner_id), order_by=col(Forecast.made_at).desc()).label("rank")
    runs = select(col(Forecast.id), rank).where(col(Forecast.shared_at).is_not(None)).subquery()
    rows = session.execute(
        select(SharedForecast, runs.c.rank, TradeItem)
        .join(runs, runs.c.id == col(SharedForecast.forecast_id))
        .join(TradeItem, col(TradeItem.id) == col(SharedForecast.trade_item_id))
        .where(
            runs.c.rank <= 2,
            col(SharedForecast.supplier_id) == actor.organization_id,
            col(SharedForecast.week) > today,
        )
        .order_by(col(SharedForecast.week))
    )
    by_item: dict[tuple[UUID, UUID], tuple[TradeItem, dict[date, Decimal], dict[date, Decimal]]] = {}
    for row, order, item in rows:
        _item, new, old = by_item.setdefault((row.owner_id, item.id), (item, {}, {}))
        (new if order == 1 else old)[row.week] = row.p50
    changes = [
        change
        for (buyer, _id), (item, new, old) in by_item.items()
        if (change := _change(item, buyer, new, old)) is not None
    ]
    return sorted(changes, key=lambda change: -abs(change.share))[:most]


def _change(item: TradeItem, buyer: UUID, new: dict[date, Decimal], old: dict[date, Decimal]) -> Change | None:
    weeks = [week for week in new if old.get(week)]
    moved = [week for week in weeks if new[week] != old[week]]
    if not moved:
        return None
    most = max(moved, key=lambda week: abs(new[week] - old[week]) / old[week])
    return Change(item, buyer, most, old[most], new[most], [old[week] for week in weeks], [new[week] for week in weeks])
