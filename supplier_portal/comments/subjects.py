"""What can be spoken of: orders, claims, shipments and statements, with the two whose they are."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlmodel import Session

from hub.access import Actor
from hub.errors import NotFound
from hub.models.claims import Claim
from hub.models.party import Organization
from hub.models.settling import Statement
from hub.models.trade import PurchaseOrder, Shipment
from supplier_portal.comments.models import SubjectKind


@dataclass(frozen=True)
class Subject:
    """Something that is spoken of: whose it is, what it is called, and where each side reads it."""

    kind: SubjectKind
    id: UUID
    buyer_id: UUID
    supplier_id: UUID
    number: str
    page: str

    def other(self, organization: UUID) -> UUID:
        """Who is on the other side."""
        return self.supplier_id if organization == self.buyer_id else self.buyer_id

    def address(self, organization: UUID) -> str:
        """Where a side reads what was said of it."""
        side = "buyer" if organization == self.buyer_id else "supplier"
        return f"/{side}/comments/{self.kind.value}/{self.id}"


def find(session: Session, actor: Actor, kind: SubjectKind, subject_id: UUID) -> Subject:
    """Something of the actor's organisation, on either side; an order once it was placed."""
    model, read = _KINDS[kind]
    row: Any = session.get(model, subject_id)
    if row is None:
        raise NotFound("There is no such thing to speak of.")
    subject: Subject = read(session, actor, row)
    if actor.organization_id not in (subject.buyer_id, subject.supplier_id):
        raise NotFound("There is no such thing to speak of.")
    return subject


def _order(session: Session, actor: Actor, row: PurchaseOrder) -> Subject:
    page = f"/buyer/orders/{quote(row.number)}"
    if actor.organization_id == row.supplier_id:
        page = f"/supplier/orders/{quote(row.number)}?buyer={session.get_one(Organization, row.owner_id).gln}"
    return Subject(SubjectKind.ORDER, row.id, row.owner_id, row.supplier_id, row.number, page)


def _claim(session: Session, actor: Actor, row: Claim) -> Subject:
    side = "supplier" if actor.organization_id == row.supplier_id else "buyer"
    return Subject(SubjectKind.CLAIM, row.id, row.owner_id, row.supplier_id, row.number, f"/{side}/claims/{row.id}")


def _shipment(session: Session, actor: Actor, row: Shipment) -> Subject:
    order = session.get(PurchaseOrder, row.order_id)
    page = _order(session, actor, order).page if order is not None else ""
    return Subject(SubjectKind.SHIPMENT, row.id, row.buyer_id, row.owner_id, row.number, page)


def _statement(session: Session, actor: Actor, row: Statement) -> Subject:
    side = "supplier" if actor.organization_id == row.supplier_id else "buyer"
    page = f"/{side}/statements/{row.id}"
    return Subject(SubjectKind.STATEMENT, row.id, row.owner_id, row.supplier_id, row.number, page)


_KINDS: Mapping[SubjectKind, tuple[type[Any], Callable[..., Subject]]] = {
    SubjectKind.ORDER: (PurchaseOrder, _order),
    SubjectKind.CLAIM: (Claim, _claim),
    SubjectKind.SHIPMENT: (Shipment, _shipment),
    SubjectKind.STATEMENT: (Statement, _statement),
}
