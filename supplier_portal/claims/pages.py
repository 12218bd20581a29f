"""One claim: its page for both sides, its photo, and the page that a second person reads."""

from typing import Annotated, Any
from uuid import UUID

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub import pictures
from hub.access import Actor, Permission
from hub.models.base import now
from hub.models.claims import Claim
from hub.models.party import Organization, OrganizationKind, Place
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled
from hub.web.routing import Router
from hub.web.templating import page
from supplier_portal.claims import claim_book
from supplier_portal.claims.claim_view import File, claim_page

router = Router(
    prefix="/claims",
    dependencies=[requires(Permission.PLACE_ORDERS, Permission.ANSWER_ORDERS, Permission.ADMINISTER)],
    include_in_schema=False,
)
_ALONE = {
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "private, no-store",
}


def _claim(claim_id: UUID, actor: ActorDep, session: SessionDep) -> Claim:
    return claim_book.find(session, actor, claim_id)


ClaimDep = Annotated[Claim, Depends(_claim)]
"""The claim that an address names."""


@router.get("/{claim_id}")
def show(claim: ClaimDep, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One claim as a second person reads it, who looks after those that answer and close claims."""
    return shown(request, session, actor, claim, form)


@router.get("/{claim_id}/photo")
def photo(claim: ClaimDep, session: SessionDep) -> Response:
    """The photo that the store took, to both sides."""
    return Response(claim_book.photo(session, claim), media_type=pictures.JPEG, headers=_ALONE)


def shown(request: Request, session: Session, actor: Actor, claim: Claim, form: Filled[Any]) -> HTMLResponse:
    """The page of a claim, with its forms as they were sent."""
    supplier = actor.kind is OrganizationKind.SUPPLIER
    file = File(
        sheet=claim_book.sheet(session, claim),
        at=now(),
        own=session.get_one(Organization, actor.organization_id),
        buyer=session.get_one(Organization, claim.owner_id),
        supplier=session.get_one(Organization, claim.supplier_id),
        place=session.get_one(Place, claim.place_id),
        acts=(Permission.ANSWER_ORDERS if supplier else Permission.PLACE_ORDERS) in actor.permissions,
    )
    status = 422 if form.errors else 200
    return page(request, "claims/claim.html", status=status, claim=claim_page(file, form.language), form=form)
