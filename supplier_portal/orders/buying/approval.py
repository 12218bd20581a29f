"""Orders above a buyer's own sum: asked for by one person, approved or returned by another."""

from datetime import datetime
from uuid import UUID

from sqlmodel import Session

from hub import access
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput
from hub.models.party import User
from hub.models.trade import PurchaseOrder
from supplier_portal.orders import news, orders
from supplier_portal.orders.orders import OrderNotOpen


class OwnOrder(HubError):
    """You asked for this order yourself; somebody else approves or returns it."""

    code, status = "own-order", 403


def approve(session: Session, actor: Actor, order: PurchaseOrder, *, at: datetime) -> PurchaseOrder:
    """Send an order that somebody else asked for to its supplier; approved twice is approved once.

    It is refused like any order that is placed: where its day has passed, or its supplier delivers no more.
    """
    access.require(actor, Permission.APPROVE_ORDERS, order.owner_id)
    orders.hold(session, order)
    if order.placed_at is not None and order.approved_by is not None and order.approved_by == actor.user_id:
        return order
    _require_asked(order)
    _require_other(actor, order)
    orders.ready(session, order, at=at)
    order.approved_by = actor.user_id
    access.record(session, actor, "order.approve", order.number)
    orders.send(session, actor, order, at=at)
    session.flush()
    news.approval_over(session, order, news.asked_as(order))
    return order


def give_back(session: Session, actor: Actor, order: PurchaseOrder, reason: str, *, at: datetime) -> PurchaseOrder:
    """Do not approve an order: it is a draft again, with the reason for whoever wrote it."""
    access.require(actor, Permission.APPROVE_ORDERS, order.owner_id)
    orders.hold(session, order)
    _require_asked(order)
    _require_other(actor, order)
    if not reason.strip():
        raise InvalidInput("Say why: whoever asked for the order reads your reason.", at="reason")
    _draft_again(session, order, reason.strip())
    news.returned(session, order, actor.name, at)
    access.record(session, actor, "order.return", order.number)
    return order


def take_back(session: Session, actor: Actor, order: PurchaseOrder) -> PurchaseOrder:
    """Ask no longer: it is a draft again, to be changed and placed anew."""
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    orders.hold(session, order)
    _require_asked(order)
    _draft_again(session, order, "")
    access.record(session, actor, "order.take-back", order.number)
    return order


def may_approve(actor: Actor, order: PurchaseOrder) -> bool:
    """Whether it waits for somebody such as the actor."""
    waits = order.asked_at is not None and order.placed_at is None and order.cancelled_at is None
    return waits and Permission.APPROVE_ORDERS in actor.permissions and order.asked_by != actor.user_id


def person(session: Session, user_id: UUID | None) -> str:
    """What somebody of one's own organisation is called; nothing for a machine."""
    known = session.get(User, user_id) if user_id else None
    return known.name if known else ""


def _draft_again(session: Session, order: PurchaseOrder, reason: str) -> None:
    asked = news.asked_as(order)
    order.asked_at, order.asked_by, order.returned = None, None, reason
    session.add(order)
    session.flush()
    news.approval_over(session, order, asked)


def _require_asked(order: PurchaseOrder) -> None:
    if order.cancelled_at is not None:
        raise OrderNotOpen("Order %(number)s was cancelled.", number=order.number)
    if order.placed_at is not None or order.asked_at is None:
        raise OrderNotOpen("Order %(number)s waits for nobody's approval.", number=order.number)


def _require_other(actor: Actor, order: PurchaseOrder) -> None:
    """Two machines cannot be told apart, so one approves only what a person asked for."""
    if order.asked_by == actor.user_id:
        raise OwnOrder
