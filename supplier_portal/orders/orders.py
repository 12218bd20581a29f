"""Orders: drafted and placed by the buyer, answered line by line by the supplier.

Each side writes only its own rows, so what both change at once is settled under one lock for each order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import Integer, cast, func, select
from sqlmodel import Session, col

from hub import access, db, prices, supply
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.messages import GoodsReceived, Message
from hub.models.base import plain
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.party import Organization, OrganizationKind, Place, TradeRelation
from hub.models.trade import (
    OrderLine,
    PurchaseOrder,
    Shipment,
    ShipmentLine,
)
from supplier_portal.orders import news
from supplier_portal.orders.deadlines import times
from supplier_portal.orders.order_book import ANSWERED, OrderStatus, status_of

PIECES = frozenset({"H87", "EA"})
"""Units of what is counted: it comes whole."""
_UNDER_WAY = (OrderStatus.SHIPPED, OrderStatus.PART_RECEIVED, OrderStatus.RECEIVED)


class OrderNotOpen(HubError):
    """The order is no longer waiting for this: it was answered, shipped, received or cancelled."""

    code, status = "order-not-open", 409


class PlaceClosed(HubError):
    """This place takes no more goods from %(day)s on."""

    code, status = "place-closed", 409


class PartnerNoMore(HubError):
    """You and this supplier work with each other no longer since %(day)s."""

    code, status = "partner-no-more", 409


class ItemNotOffered(HubError):
    """%(item)s is offered no longer since %(day)s."""

    code, status = "item-not-offered", 409


class DeliveryDatePassed(HubError):
    """The day of delivery has passed; order anew for a later one."""

    code, status = "delivery-date-passed", 409


@dataclass(frozen=True)
class DraftLine:
    """How much of an item a buyer wants."""

    trade_item_id: UUID
    quantity: Decimal


@dataclass(frozen=True)
class OrderDraft:
    """What a buyer wants from a supplier, where and on which day."""

    supplier_id: UUID
    deliver_to_id: UUID
    deliver_on: date
    lines: Sequence[DraftLine]


def draft(session: Session, wanted: OrderDraft, *, at: datetime) -> PurchaseOrder:
    """An order nobody but its buyer sees until it is placed, for the retailer that the session serves."""
    buyer = session.info["who"].org
    place = _target(session, wanted, at)
    order = PurchaseOrder(
        owner_id=buyer,
        number=_number(session, at, place),
        supplier_id=wanted.supplier_id,
        haulier_id=_haulier(session, place.day(at)),
        deliver_to_id=place.id,
        deliver_on=wanted.deliver_on,
        proposed_at=at,
    )
    session.add(order)
    session.flush()
    _write_lines(session, order, wanted, at)
    return order


def _target(session: Session, wanted: OrderDraft, at: datetime) -> Place:
    """Where it is to go, refused where nothing can: somebody else's place, a closed one, a supplier no more."""
    place = session.get(Place, wanted.deliver_to_id)
    if place is None or place.owner_id != session.info["who"].org:
        raise NotFound("There is no such store.")
    _require_open(place, wanted.deliver_on)
    _require_partner(session, wanted.supplier_id, place.day(at))
    return place


def _write_lines(session: Session, order: PurchaseOrder, wanted: OrderDraft, at: datetime) -> None:
    today = today_there(session, order, at)
    items = _offered(session, wanted.supplier_id)
    wants = {line.trade_item_id for line in wanted.lines}
    asked = prices.holding(session, order.owner_id, [item for item in items.values() if item.id in wants], at)
    for position, line in enumerate(wanted.lines, 1):
        item = items.get(line.trade_item_id)
        if item is None:
            raise NotFound("The supplier offers no such item to this retailer.")
        _require_offered(item, today, position)
        _more_than_nothing(line.quantity)
        session.add(
            OrderLine(
                owner_id=order.owner_id,
                order_id=order.id,
                supplier_id=order.supplier_id,
                haulier_id=order.haulier_id,
                position=position,
                trade_item_id=item.id,
                quantity=line.quantity,
                unit=item.unit,
                price=asked[item.id].at(line.quantity),
                currency=asked[item.id].currency,
            )
        )
    session.flush()


def write(session: Session, actor: Actor, wanted: OrderDraft, *, at: datetime) -> PurchaseOrder:
    """A buyer's own order, to be looked over and placed."""
    access.require(actor, Permission.PLACE_ORDERS)
    if not wanted.lines:
        raise InvalidInput("An order has at least one line.", at="lines")
    return draft(session, wanted, at=at)


def rewrite(session: Session, actor: Actor, order: PurchaseOrder, wanted: OrderDraft, *, at: datetime) -> PurchaseOrder:
    """Write a draft anew under its number, for the same supplier and place."""
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    hold(session, order)
    if order.cancelled_at or order.placed_at or order.asked_at:
        raise OrderNotOpen("Order %(number)s is a draft no more.", number=order.number)
    if (order.supplier_id, order.deliver_to_id) != (wanted.supplier_id, wanted.deliver_to_id):
        raise NotFound("There is no such draft for this supplier and place.")
    if not wanted.lines:
        raise InvalidInput("An order has at least one line.", at="lines")
    _target(session, wanted, at)
    for line in lines_of(session, order):
        session.delete(line)
    session.flush()
    order.deliver_on, order.drafted = wanted.deliver_on, True
    session.add(order)
    _write_lines(session, order, wanted, at)
    access.record(session, actor, "order.rewrite", order.number)
    return order


def place(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    *,
    at: datetime,
    quantities: Mapping[UUID, Decimal] | None = None,
) -> PurchaseOrder:
    """Send an order to its supplier, who has until ``respond_by`` to answer; placed twice is placed once.

    It keeps the prices of this day for good, whatever they are later. Above the buyer's own sum it is not sent:
    somebody else is asked to approve it (`buying.approval`), and until then it has no ``placed_at``.
    ``quantities`` changes lines (by their id) before they are sent; 0 takes a line out.
    """
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    hold(session, order)
    if order.cancelled_at is not None:
        raise OrderNotOpen("Order %(number)s was cancelled.", number=order.number)
    if order.placed_at is not None or order.asked_at is not None:
        return order
    _change(session, order, quantities or {})
    value, limit = ready(session, order, at=at), session.get_one(Organization, order.owner_id).approve_above
    if limit is not None and value > limit:
        return _ask(session, actor, order, value, at)
    return send(session, actor, order, at=at)


def ready(session: Session, order: PurchaseOrder, *, at: datetime) -> Decimal:
    """An order's value at the prices of now, which it gets; refused where it cannot be sent as it stands."""
    if order.deliver_on < today_there(session, order, at):
        raise DeliveryDatePassed
    place = session.get_one(Place, order.deliver_to_id)
    _require_open(place, order.deliver_on)
    _require_partner(session, order.supplier_id, place.day(at))
    value = _price(session, order, place.day(at), at)
    _require_terms(session, order, value, at)
    return value


def send(session: Session, actor: Actor, order: PurchaseOrder, *, at: datetime) -> PurchaseOrder:
    """Let the supplier see an order that is `ready`, and tell it that it waits."""
    order.placed_at, order.respond_by = at, at + times.patience(session, order.owner_id, order.supplier_id)
    session.add(order)
    _ask_for_life(session, order)
    access.record(session, actor, "order.place", order.number)
    news.waiting(session, order, session.get_one(Place, order.deliver_to_id))
    return order


def _ask(session: Session, actor: Actor, order: PurchaseOrder, value: Decimal, at: datetime) -> PurchaseOrder:
    """Ask for an order to be approved; from now on it is kept, whoever proposed it."""
    order.drafted, order.asked_at, order.asked_by, order.returned = True, at, actor.user_id, ""
    session.add(order)
    access.record(session, actor, "order.ask", order.number, value=plain(value))
    news.to_approve(session, order, actor.name)
    return order


def cancel(session: Session, actor: Actor, order: PurchaseOrder, *, at: datetime, reason: str = "") -> PurchaseOrder:
    """Call an order off, turn a proposal down or throw a draft away, as long as nothing was shipped for it.

    An order that its supplier has confirmed is called off with a reason, which the supplier reads.
    """
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    hold(session, order)
    if order.cancelled_at is not None:
        return order
    state = status_of(session, order, at=at)
    if state in _UNDER_WAY:
        raise OrderNotOpen("Order %(number)s is on its way.", number=order.number)
    if state in ANSWERED and not reason.strip():
        raise InvalidInput("Say why: the supplier has confirmed this order and reads your reason.", at="reason")
    order.cancelled_at, order.cancel_reason = at, reason.strip()
    session.add(order)
    if order.placed_at is not None:
        news.withdrawn(session, order)
    if order.placed_at is None and order.asked_at is not None:
        session.flush()
        news.approval_over(session, order, news.asked_as(order))
    access.record(session, actor, "order.cancel", order.number)
    return order


def close(session: Session, actor: Actor, order: PurchaseOrder, *, at: datetime) -> PurchaseOrder:
    """Want no more of an order of which a part has come: what was confirmed and not sent is not to be sent any more."""
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    hold(session, order)
    if order.closed_at is not None:
        return order
    if status_of(session, order, at=at) is not OrderStatus.PART_RECEIVED:
        raise OrderNotOpen("Order %(number)s waits for nothing that could be called off.", number=order.number)
    order.closed_at = at
    session.add(order)
    access.record(session, actor, "order.close", order.number)
    return order


def lines_of(session: Session, order: PurchaseOrder) -> list[OrderLine]:
    """An order's lines."""
    statement = select(OrderLine).where(col(OrderLine.order_id) == order.id)
    return list(session.scalars(statement.order_by(col(OrderLine.position))))


def goods_received(session: Session, message: Message) -> None:
    """Note on the buyer's own order what its store received of it."""
    if not isinstance(message, GoodsReceived):
        raise TypeError(message)
    shipment = session.get(Shipment, message.shipment_id)
    order = session.get(PurchaseOrder, shipment.order_id) if shipment else None
    if shipment is None or order is None:
        raise NotFound("The receipt names a shipment or an order that is not there.")
    order.receipts, order.received_at = order.receipts + 1, datetime.fromisoformat(message.received_at)
    session.add(order)
    for received in message.lines:
        part = session.get(ShipmentLine, UUID(received["shipment_line_id"]))
        line = session.get(OrderLine, part.order_line_id) if part else None
        if line is not None:
            line.received += Decimal(received["quantity"])
            session.add(line)


def _ask_for_life(session: Session, order: PurchaseOrder) -> None:
    """Keep with each line how long its lots are to last on receipt: what is asked later is asked of later orders."""
    lines = lines_of(session, order)
    mine = (col(Assortment.owner_id) == order.owner_id,)
    rows = session.scalars(
        select(Assortment).where(*mine, col(Assortment.trade_item_id).in_([line.trade_item_id for line in lines]))
    )
    asked = {row.trade_item_id: row.least_days_left for row in rows}
    for line in lines:
        line.least_days_left = asked.get(line.trade_item_id)
        session.add(line)


def _change(session: Session, order: PurchaseOrder, quantities: Mapping[UUID, Decimal]) -> None:
    left = 0
    for line in lines_of(session, order):
        quantity = quantities.get(line.id, line.quantity)
        if quantity == 0:
            session.delete(line)
            continue
        _more_than_nothing(quantity)
        line.quantity = quantity
        left += 1
    if not left:
        raise InvalidInput("An order has at least one line.", at="lines")
    session.flush()


def _price(session: Session, order: PurchaseOrder, day: date, at: datetime) -> Decimal:
    """Put each line at what its item costs now, and return the order's value; refused where one is offered no more."""
    lines = lines_of(session, order)
    rows = session.scalars(select(TradeItem).where(col(TradeItem.id).in_([line.trade_item_id for line in lines])))
    items = {item.id: item for item in rows}
    asked = prices.holding(session, order.owner_id, items.values(), at)
    for line in lines:
        _require_offered(items[line.trade_item_id], day, line.position)
        holds = asked[line.trade_item_id]
        line.price, line.currency = holds.at(line.quantity), holds.currency
        session.add(line)
    return sum((line.quantity * line.price for line in lines), Decimal(0))


def _require_terms(session: Session, order: PurchaseOrder, value: Decimal, at: datetime) -> None:
    """Refuse what its supplier does not deliver: on that day, so soon, or for so little. Without terms all is well."""
    terms = supply.terms(session, [order.supplier_id], order.owner_id).get(order.supplier_id)
    if terms is not None:
        supply.require_day(terms, session.get_one(Organization, order.supplier_id), order.deliver_on, at)
        supply.require_minimum(terms, value)


def _more_than_nothing(quantity: Decimal) -> None:
    if not quantity.is_finite() or quantity <= 0:
        raise InvalidInput("A quantity ordered is more than 0.", at="quantity")


def hold(session: Session, order: PurchaseOrder) -> None:
    """Let nobody else settle this order in the meantime, and read it as it now is.

    A row lock cannot do it: a supplier may not lock a row of its buyer's.
    """
    db.in_turn(session, f"order/{order.id}")
    session.refresh(order)


def today_there(session: Session, order: PurchaseOrder, at: datetime) -> date:
    """The day it is at a moment where an order is delivered."""
    place = session.get_one(Place, order.deliver_to_id)
    return place.day(at)


def _number(session: Session, at: datetime, place: Place) -> str:
    """The next order number of the retailer's day.

    It begins with the retailer's number on the ledger, so that a supplier never hears one number from two of them.
    """
    buyer, day = session.info["who"].org, place.clock(at)
    db.in_turn(session, f"order-numbers/{buyer}")
    prefix = f"PO{session.get_one(Organization, buyer).member or ''}-{day:%y%m%d}-"
    # As a number: of texts, 9999 is greater than 10000.
    counted = cast(func.split_part(col(PurchaseOrder.number), "-", 3), Integer)
    last = session.scalar(
        select(func.max(counted)).where(
            col(PurchaseOrder.owner_id) == buyer, col(PurchaseOrder.number).startswith(prefix)
        )
    )
    return f"{prefix}{(last or 0) + 1:04d}"


def _haulier(session: Session, day: date) -> UUID | None:
    """Who drives for the retailer on a day: the haulier it has worked with longest."""
    return session.scalar(
        select(col(TradeRelation.partner_id))
        .where(
            col(TradeRelation.owner_id) == session.info["who"].org,
            col(TradeRelation.kind) == OrganizationKind.HAULIER,
            col(TradeRelation.valid_from) <= day,
            func.coalesce(col(TradeRelation.valid_to), date.max) >= day,
        )
        .order_by(col(TradeRelation.valid_from), col(TradeRelation.id))
        .limit(1)
    )


def _require_open(place: Place, day: date) -> None:
    """Refuse to deliver to a place that is closed by then."""
    if place.ended_on is not None and place.ended_on <= day:
        raise PlaceClosed(day=place.ended_on)


def _require_partner(session: Session, supplier_id: UUID, day: date) -> None:
    """Refuse to order from whom one of the two works with no longer."""
    buyer = session.info["who"].org
    between = (col(TradeRelation.owner_id) == buyer) & (col(TradeRelation.partner_id) == supplier_id)
    between |= (col(TradeRelation.owner_id) == supplier_id) & (col(TradeRelation.partner_id) == buyer)
    over = session.scalar(select(func.min(TradeRelation.valid_to)).where(between, col(TradeRelation.valid_to) <= day))
    if over is not None:
        raise PartnerNoMore(day=over)


def _require_offered(item: TradeItem, day: date, position: int) -> None:
    """Refuse an item that its supplier offers no longer."""
    if item.ended_on is not None and item.ended_on <= day:
        raise ItemNotOffered(item=item.name_zh, day=item.ended_on, at=f"lines.{position - 1}.quantity")


def _offered(session: Session, supplier_id: UUID) -> dict[UUID, TradeItem]:
    carried = (
        select(TradeItem)
        .join(Assortment, col(Assortment.trade_item_id) == col(TradeItem.id))
        .where(
            col(Assortment.owner_id) == session.info["who"].org,
            col(Assortment.supplier_id) == supplier_id,
            col(Assortment.ended_on).is_(None),
        )
    )
    return {item.id: item for item in session.scalars(carried)}
