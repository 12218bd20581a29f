"""Templates as they are kept: saved of an order, started from, thrown away."""

from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import HubError, InvalidInput, NotFound
from hub.models.base import plain
from hub.models.trade import PurchaseOrder
from supplier_portal.orders import orders
from supplier_portal.orders.templates.models import OrderTemplate

MOST = 200
"""Templates that a chain keeps at a time."""


class NameTaken(HubError):
    """Another template is called so."""

    code, status, at = "name-taken", 409, "name"


class TooManyTemplates(HubError):
    """You keep %(most)s templates already. Throw one away first."""

    code, status, at = "too-many-templates", 409, "name"


def save(session: Session, actor: Actor, order: PurchaseOrder, name: str) -> OrderTemplate:
    """Keep what an order asks for as a template; under the same name the same lines are kept once."""
    access.require(actor, Permission.PLACE_ORDERS, order.owner_id)
    name = " ".join(name.split())
    if not name:
        raise InvalidInput("Enter a name.", at="name")
    db.in_turn(session, f"order-templates/{actor.organization_id}")
    lines = [
        {"item": str(line.trade_item_id), "quantity": plain(line.quantity)} for line in orders.lines_of(session, order)
    ]
    known = kept(session, actor)
    for row in known:
        if row.name.casefold() == name.casefold():
            if row.supplier_id == order.supplier_id and row.lines == lines:
                return row
            raise NameTaken
    if len(known) >= MOST:
        raise TooManyTemplates(most=MOST)
    row = OrderTemplate(owner_id=actor.organization_id, name=name, supplier_id=order.supplier_id, lines=lines)
    session.add(row)
    session.flush()
    access.record(session, actor, "template.save", name, order=order.number)
    return row


def throw_away(session: Session, actor: Actor, row: OrderTemplate, *, at: datetime) -> None:
    """Keep it no more; twice is once."""
    access.require(actor, Permission.PLACE_ORDERS, row.owner_id)
    if row.ended_at is None:
        row.ended_at = at
        session.add(row)
        access.record(session, actor, "template.end", row.name)


def kept(session: Session, actor: Actor) -> list[OrderTemplate]:
    """All of the actor's organisation's, by their names."""
    rows = select(OrderTemplate).where(
        col(OrderTemplate.owner_id) == actor.organization_id, col(OrderTemplate.ended_at).is_(None)
    )
    return list(session.exec(rows.order_by(col(OrderTemplate.name), col(OrderTemplate.id))))


def find(session: Session, actor: Actor, template_id: UUID) -> OrderTemplate:
    """A template of the actor's organisation."""
    row = session.get(OrderTemplate, template_id)
    if row is None or row.owner_id != actor.organization_id:
        raise NotFound("There is no such template.")
    return row


def quantities(row: OrderTemplate) -> dict[UUID, Decimal]:
    """How much of what it asks for."""
    return {UUID(line["item"]): Decimal(line["quantity"]) for line in row.lines}
