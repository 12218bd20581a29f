"""What calling off an agreed order costs now, and each cancellation as both sides keep and record it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, outbox
from hub.access import Actor, Permission
from hub.errors import HubError, Sum
from hub.messages import Message, OrderCancelled
from hub.models.base import plain
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place
from hub.models.trade import OrderLine, PurchaseOrder
from hub.prices import cents
from hub.trace import agreements
from supplier_portal.orders import orders
from supplier_portal.orders.agreeing import agreement
from supplier_portal.orders.agreeing.terms import Terms
from supplier_portal.orders.cancelling import terms
from supplier_portal.orders.cancelling.models import Cancellation, CancelTerm


class CostsMore(HubError):
    """Calling it off costs %(owed)s by now, by the term that both of you agreed on."""

    code, status, at = "costs-more", 409, "costs"


@dataclass(frozen=True)
class OwedLine:
    """A line that was agreed on, and what is owed if it does not come; ``free_until`` where a term was agreed."""

    line: OrderLine
    held: Terms
    owed: Decimal
    free_until: datetime | None


@dataclass(frozen=True)
class Cost:
    """What cancelling costs at a moment: by line and in all, by which term."""

    lines: Sequence[OwedLine]
    version: int
    term: CancelTerm | None

    @property
    def owed(self) -> Decimal:
        """In all, before tax."""
        return sum((line.owed for line in self.lines), Decimal(0))

    @property
    def free_until(self) -> datetime | None:
        """Until when it costs nothing: of the line that comes first."""
        return min((line.free_until for line in self.lines if line.free_until), default=None)


def cost(session: Session, order: PurchaseOrder, lines: Sequence[OrderLine], *, at: datetime) -> Cost:
    """What calling an order off costs, by the term that held when it was placed; read by either side."""
    talk = agreement.talk(session, order, lines)
    term = None
    if order.placed_at is not None:
        term = terms.agreed(session, order.supplier_id, order.owner_id, by=order.placed_at)
    place = session.get_one(Place, order.deliver_to_id)
    owed = []
    for line in lines:
        held = talk.lines[line.id].held
        if held is not None and held.parts:
            owed.append(_owed(line, held, term, place, at))
    return Cost(owed, talk.number, term)


def _owed(line: OrderLine, held: Terms, term: CancelTerm | None, place: Place, at: datetime) -> OwedLine:
    if term is None:
        return OwedLine(line, held, Decimal(0), None)
    until = free_until(held.deliver_on or date.max, term, place)
    late = at > until
    return OwedLine(line, held, cents(held.quantity * held.price * term.share) if late else Decimal(0), until)


def free_until(day: date, term: CancelTerm, place: Place) -> datetime:
    """Until when what comes on a day can be called off for nothing: so many hours before the day begins there."""
    return datetime.combine(day, time(), place.zone) - timedelta(hours=term.free_hours)


def cancel(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    *,
    at: datetime,
    reason: str = "",
    costs: Decimal = Decimal(0),
) -> PurchaseOrder:
    """Call an order off as `orders.cancel` does; refused where that costs more than ``costs``.

    ``costs`` is what whoever calls it off has read that it costs.
    """
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    orders.hold(session, order)
    if order.cancelled_at is not None or order.placed_at is None:
        return orders.cancel(session, actor, order, at=at, reason=reason)
    orders.cancel(session, actor, order, at=at, reason=reason)
    lines = orders.lines_of(session, order)
    now = cost(session, order, lines, at=at)
    if now.owed > costs:
        raise CostsMore(owed=Sum(now.owed, now.lines[0].line.currency))
    keep(session, order, now, at=at)
    return order


def keep(session: Session, order: PurchaseOrder, costs: Cost, *, at: datetime) -> Cancellation | None:
    """Keep what an order's cancellation comes to, and let both sides record it; nothing where nothing was agreed."""
    if not costs.lines:
        return None
    ids = {line.held.trade_item_id for line in costs.lines}
    items = {item.id: item for item in session.exec(select(TradeItem).where(col(TradeItem.id).in_(ids)))}
    buyer = session.get_one(Organization, order.owner_id)
    row = Cancellation(
        owner_id=order.owner_id,
        supplier_id=order.supplier_id,
        order_id=order.id,
        number=order.number,
        version=costs.version,
        term_id=costs.term.id if costs.term else None,
        cancelled_at=at,
        day=buyer.day(at),
        owed=costs.owed,
        currency=costs.lines[0].line.currency,
        lines=[_kept(line, items[line.held.trade_item_id]) for line in costs.lines],
    )
    session.add(row)
    session.flush()
    for party in (order.owner_id, order.supplier_id):
        outbox.publish(session, OrderCancelled(cancellation_id=row.id), party)
    return row


def _kept(owed: OwedLine, item: TradeItem) -> dict[str, object]:
    return {
        "line": str(owed.line.id),
        "item_id": str(item.id),
        "item": {"zh": item.name_zh, "en": item.name_en},
        "gtin": item.gtin,
        "quantity": plain(owed.held.quantity),
        "unit": owed.line.unit,
        "price": plain(owed.held.price),
        "owed": plain(owed.owed),
    }


def of(session: Session, order: PurchaseOrder) -> Cancellation | None:
    """The cancellation of an order, as both sides read it."""
    rows = select(Cancellation).where(
        col(Cancellation.order_id) == order.id, col(Cancellation.owner_id) == order.owner_id
    )
    return session.exec(rows).one_or_none()


def cancelled(session: Session, message: Message) -> None:
    """Record a cancellation in one's own stream, in the words that the other side records too.

    Who is no member of the ledger yet records nothing.
    """
    if not isinstance(message, OrderCancelled):
        raise TypeError(message)
    row = session.get_one(Cancellation, message.cancellation_id)
    order = session.get_one(PurchaseOrder, row.order_id)
    if session.get_one(Organization, session.info["who"].org).member is None:
        return
    comes: dict[UUID, tuple[Decimal, str]] = {}
    for line in row.lines:
        item, quantity = UUID(line["item_id"]), Decimal(line["quantity"])
        comes[item] = (comes.get(item, (Decimal(0), ""))[0] + quantity, line["unit"])
    rows = session.exec(select(TradeItem).where(col(TradeItem.id).in_(comes)).order_by(col(TradeItem.gtin)))
    agreed = agreements.Agreed(
        buyer=session.get_one(Organization, row.owner_id),
        supplier=session.get_one(Organization, row.supplier_id),
        place=session.get_one(Place, order.deliver_to_id),
        number=order.number,
        version=row.version,
        at=row.cancelled_at,
        items=[agreements.AgreedItem(item, *comes[item.id]) for item in rows],
        # Only the two sides know the cancellation's id: it is what salts the hash.
        terms={
            "order": order.number,
            "cancellation": str(row.id),
            "owed": plain(row.owed),
            "lines": {line["line"]: line["owed"] for line in row.lines},
        },
    )
    agreements.record(session, agreed, cancels=True)


def owed_in(session: Session, buyer: UUID, supplier: UUID, days: tuple[date, date]) -> list[Cancellation]:
    """What is owed for late cancellations from a day until before another, the first first."""
    rows = select(Cancellation).where(
        col(Cancellation.owner_id) == buyer,
        col(Cancellation.supplier_id) == supplier,
        col(Cancellation.day) >= days[0],
        col(Cancellation.day) < days[1],
        col(Cancellation.owed) > 0,
    )
    return list(session.exec(rows.order_by(col(Cancellation.day), col(Cancellation.number))))
