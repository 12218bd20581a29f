"""Orders: drafted and placed by the buyer, answered line by line by the supplier.

Each side writes only its own rows, so what both change at once is settled under one lock for each order.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Integer, cast, func, select
from sqlmodel import Session, col

from hub import access, db, prices, supply
from hub.access import Actor, Permission
from hub.errors import Amount, HubError, InvalidInput, NotFound
from hub.inputs import Day, Figure
from hub.messages import GoodsReceived, Message
from hub.models.base import plain
from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.party import Organization, OrganizationKind, Place, TradeRelation
from hub.models.trade import (
    AnswerKind,
    AnswerLine,
    EarlierAnswer,
    OrderAnswer,
    OrderLine,
    PurchaseOrder,
    Shipment,
    ShipmentLine,
)
from hub.settings import settings
from supplier_portal.orders import news
from supplier_portal.orders.order_book import ANSWERED, UNANSWERED, OrderStatus, status_of

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


class AnswerIncomplete(HubError):
    """Every line needs one answer."""

    code, status = "answer-incomplete", 409


class AnswerContradicts(HubError):
    """A line's answer and its figures do not agree."""

    code, status = "answer-contradicts", 409


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
    place = session.get(Place, wanted.deliver_to_id)
    if place is None or place.owner_id != buyer:
        raise NotFound("There is no such store.")
    _require_open(place, wanted.deliver_on)
    _require_partner(session, wanted.supplier_id, place.day(at))
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
    items = _offered(session, wanted.supplier_id)
    wants = {line.trade_item_id for line in wanted.lines}
    asked = prices.holding(session, buyer, [item for item in items.values() if item.id in wants], at)
    for position, line in enumerate(wanted.lines, 1):
        item = items.get(line.trade_item_id)
        if item is None:
            raise NotFound("The supplier offers no such item to this retailer.")
        _require_offered(item, place.day(at), position)
        _more_than_nothing(line.quantity)
        session.add(
            OrderLine(
                owner_id=buyer,
                order_id=order.id,
                supplier_id=order.supplier_id,
                haulier_id=order.haulier_id,
                position=position,
                trade_item_id=item.id,
                quantity=line.quantity,
                unit=item.unit,
                price=asked[item.id].price,
                currency=asked[item.id].currency,
            )
        )
    session.flush()
    return order


def write(session: Session, actor: Actor, wanted: OrderDraft, *, at: datetime) -> PurchaseOrder:
    """A buyer's own order, to be looked over and placed."""
    access.require(actor, Permission.PLACE_ORDERS)
    if not wanted.lines:
        raise InvalidInput("An order has at least one line.", at="lines")
    return draft(session, wanted, at=at)


def place(
    session: Session,
    actor: Actor,
    order: PurchaseOrder,
    *,
    at: datetime,
    quantities: Mapping[UUID, Decimal] | None = None,
) -> PurchaseOrder:
    """Send an order to its supplier, who has until ``respond_by`` to answer; placed twice is placed once.

    It keeps the prices of this day for good, whatever they are later.
    ``quantities`` changes lines (by their id) before they are sent; 0 takes a line out.
    """
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    hold(session, order)
    if order.cancelled_at is not None:
        raise OrderNotOpen("Order %(number)s was cancelled.", number=order.number)
    if order.placed_at is not None:
        return order
    if order.deliver_on < today_there(session, order, at):
        raise DeliveryDatePassed
    _change(session, order, quantities or {})
    place = session.get_one(Place, order.deliver_to_id)
    _require_open(place, order.deliver_on)
    _require_partner(session, order.supplier_id, place.day(at))
    value = _price(session, order, place.day(at), at)
    _require_terms(session, order, value, at)
    hours = session.get_one(Organization, order.owner_id).answer_hours or settings().answer_hours
    order.placed_at, order.respond_by = at, at + timedelta(hours=hours)
    session.add(order)
    access.record(session, actor, "order.place", order.number)
    news.waiting(session, order, place)
    return order


def cancel(session: Session, actor: Actor, order: PurchaseOrder, *, at: datetime, reason: str = "") -> PurchaseOrder:
    """Call an order off, or turn a proposal down, as long as nothing was shipped for it.

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


class Said(BaseModel):
    """What a supplier says to a line; what a kind of answer leaves open is taken from the line.

    It is what the form, the API and this service read alike; each of them names the line in its own way.
    """

    model_config = ConfigDict(frozen=True)

    answer: AnswerKind | None = None
    quantity: Figure | None = Field(default=None, max_digits=18, decimal_places=6)
    deliver_on: Day | None = None
    reason: str = Field(default="", max_length=200)


class LineAnswer(Said):
    """What is said to a line of an order."""

    line: UUID


@dataclass(frozen=True)
class OrderResponse:
    """What a supplier says to an order, line by line, with a note to the buyer."""

    lines: Sequence[LineAnswer]
    note: str = ""


def confirm(
    session: Session, actor: Actor, order: PurchaseOrder, response: OrderResponse, *, at: datetime
) -> OrderAnswer:
    """Answer every line: confirmed, less, another date, or declined. The buyer sees it at once.

    After ``respond_by`` an answer still counts, and is marked late. The same answer again is the same answer. Another
    one takes its place until something was shipped; what was said before is kept, and the buyer sees both. What
    was declined as a whole is over, since the buyer orders elsewhere.
    """
    access.require(actor, Permission.ANSWER_ORDERS, order.supplier_id)
    hold(session, order)
    lines = {line.id: line for line in lines_of(session, order)}
    if sorted(answer.line for answer in response.lines) != sorted(lines):
        raise AnswerIncomplete
    today = today_there(session, order, at)
    settled = [
        settle(order, lines[answer.line], answer, today=today, at=f"lines.{place}")
        for place, answer in enumerate(response.lines)
    ]
    known = session.scalar(
        select(OrderAnswer).where(
            col(OrderAnswer.order_id) == order.id, col(OrderAnswer.owner_id) == actor.organization_id
        )
    )
    same = known is not None and {_words(line) for line in _said(session, known)} == set(map(_words, settled))
    if known is not None and same and known.note == response.note:
        return known
    state = status_of(session, order, at=at)
    if known is not None and state in ANSWERED:
        access.record(session, actor, "order.answer-anew", order.number)
        news.answered(session, order, at)
        return _answer_anew(session, known, settled, response.note, at)
    if state not in UNANSWERED:
        raise OrderNotOpen("Order %(number)s is not waiting for an answer.", number=order.number)
    late = order.respond_by is not None and at > order.respond_by
    given = OrderAnswer(**_parties(order), order_id=order.id, answered_at=at, late=late, note=response.note)
    session.add(given)
    session.flush()
    for line in settled:
        line.answer_id = given.id
    session.add_all(settled)
    access.record(session, actor, "order.answer", order.number, late=late)
    news.answered(session, order, at)
    return given


def _parties(order: PurchaseOrder) -> dict[str, Any]:
    """Whose an answer is, and who else reads it."""
    return {"owner_id": order.supplier_id, "buyer_id": order.owner_id, "haulier_id": order.haulier_id}


def _answer_anew(
    session: Session, known: OrderAnswer, settled: Sequence[AnswerLine], note: str, at: datetime
) -> OrderAnswer:
    """Put an answer in the place of one that was given; that one is kept."""
    before = _said(session, known)
    session.add(
        EarlierAnswer(
            owner_id=known.owner_id,
            buyer_id=known.buyer_id,
            haulier_id=known.haulier_id,
            order_id=known.order_id,
            said_at=known.changed_at or known.answered_at,
            replaced_at=at,
            note=known.note,
            lines=[
                {
                    "line": str(line.order_line_id),
                    "kind": line.kind.value,
                    "quantity": plain(line.quantity),
                    "deliver_on": line.deliver_on.isoformat(),
                    "reason": line.reason,
                }
                for line in before
            ],
        )
    )
    anew = {line.order_line_id: line for line in settled}
    for line in before:
        of_it = anew[line.order_line_id]
        line.kind, line.quantity, line.deliver_on = of_it.kind, of_it.quantity, of_it.deliver_on
        line.reason = of_it.reason
        session.add(line)
    known.changed_at, known.note = at, note
    session.add(known)
    return known


def settle(order: PurchaseOrder, line: OrderLine, answer: Said, *, today: date, at: str) -> AnswerLine:
    """A line's answer made whole, not stored yet; refused where it is missing or contradicts itself or the line.

    ``today`` is the day at the place of delivery; ``at`` is what the answer is called where it came from.
    """
    kind, deliver_on = answer.answer, answer.deliver_on or order.deliver_on
    if kind is None:
        raise AnswerIncomplete("Choose an answer for line %(position)s.", at=f"{at}.answer", position=line.position)
    quantity = line.quantity if answer.quantity is None else answer.quantity
    figures: dict[str, str | int | date | Amount] = {
        "position": line.position,
        "ordered": Amount(line.quantity, line.unit),
        "day": order.deliver_on,
        "kind": kind.value,
    }
    if kind is AnswerKind.DECLINED:
        return _settled(order, line, kind, (Decimal(0), order.deliver_on, answer.reason))
    if kind is AnswerKind.LESS and not 0 < quantity < line.quantity:
        raise AnswerContradicts("Enter more than 0 and less than %(ordered)s.", at=f"{at}.quantity", **figures)
    if kind is AnswerKind.OTHER_DATE and not 0 < quantity <= line.quantity:
        raise AnswerContradicts("Enter more than 0, and at most %(ordered)s.", at=f"{at}.quantity", **figures)
    if kind is not AnswerKind.CONFIRMED and answer.quantity is not None and line.unit in PIECES and quantity % 1:
        raise AnswerContradicts("Enter a whole number.", at=f"{at}.quantity", **figures)
    if kind is AnswerKind.OTHER_DATE and (deliver_on == order.deliver_on or deliver_on < today):
        raise AnswerContradicts(
            "Choose another day than %(day)s, from %(today)s on.",
            at=f"{at}.deliver_on",
            today=today,
            **figures,
        )
    as_ordered = quantity == line.quantity and deliver_on == order.deliver_on
    if (kind is AnswerKind.CONFIRMED and not as_ordered) or (
        kind is AnswerKind.LESS and deliver_on != order.deliver_on
    ):
        raise AnswerContradicts(
            "Line %(position)s: the answer and its figures do not agree; %(ordered)s were ordered for %(day)s.",
            at=f"{at}.quantity",
            **figures,
        )
    return _settled(order, line, kind, (quantity, deliver_on, answer.reason))


def _settled(order: PurchaseOrder, line: OrderLine, kind: AnswerKind, settled: tuple[Decimal, date, str]) -> AnswerLine:
    quantity, deliver_on, reason = settled
    parties = _parties(order)
    return AnswerLine(
        **parties, order_line_id=line.id, kind=kind, quantity=quantity, deliver_on=deliver_on, reason=reason
    )


def _words(line: AnswerLine) -> tuple[UUID, AnswerKind, Decimal, date, str]:
    return line.order_line_id, line.kind, line.quantity, line.deliver_on, line.reason


def _said(session: Session, answer: OrderAnswer) -> list[AnswerLine]:
    lines = select(AnswerLine).where(col(AnswerLine.answer_id) == answer.id)
    return list(session.scalars(lines.with_for_update().execution_options(populate_existing=True)))


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
        line.price, line.currency = asked[line.trade_item_id].price, asked[line.trade_item_id].currency
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
