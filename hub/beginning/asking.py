"""What a buyer asks of its suppliers' events: a profile, and what becomes of an event that does not keep to it."""

from uuid import UUID

from sqlmodel import Session

from hub import access
from hub.access import Actor, Permission
from hub.beginning import partners
from hub.beginning.partners import AnotherKind
from hub.errors import NotFound
from hub.gs1.profiles import shelf
from hub.models.party import AskWeight, OrganizationKind


def ask(session: Session, actor: Actor, supplier: UUID, profile: str, weight: AskWeight) -> None:
    """Ask a supplier for a profile from now on, or for none."""
    access.require(actor, Permission.ADMINISTER)
    if actor.kind is not OrganizationKind.RETAILER:
        raise AnotherKind
    if profile:
        shelf.find(profile)
    partner = partners.find(session, supplier)
    row = partner.relation
    if row is None or row.kind is not OrganizationKind.SUPPLIER:
        raise NotFound
    if (row.profile, row.profile_weight) == (profile, weight):
        return
    row.profile, row.profile_weight = profile, weight
    said = {"profile": profile, "weight": weight.value} if profile else {}
    access.record(session, actor, "partner.ask", partner.organization.gln, **said)
    session.flush()
