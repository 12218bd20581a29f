"""The lists of claims as their two sides open them: by whose turn it is, searched, sorted, and taken away."""

from typing import Literal

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor
from hub.lists import Search
from hub.models.base import now
from hub.models.party import Organization, OrganizationKind
from hub.web.deps import PageNumber, Words
from hub.web.export import MOST_ROWS, csv_file
from hub.web.i18n import Language
from hub.web.templating import page
from supplier_portal import lookup
from supplier_portal.claims import claim_book
from supplier_portal.claims.list_view import ClaimList, claims_page, claims_sheet, tabs

_A_PAGE = 25


class Asked(BaseModel):
    """Which claims are looked for, in which order, and which page of them."""

    state: Literal["mine", "theirs", "settled", "all"] = "mine"
    q: Words = ""
    p: PageNumber = 1
    sort: str = Field(default="", max_length=20)


class Taken(Asked):
    """Which claims are taken away."""

    state: Literal["mine", "theirs", "settled", "all"] = "all"


def listed(request: Request, session: Session, actor: Actor, query: Asked, speaks: Language) -> HTMLResponse:
    """The page of a side's list."""
    search = Search(query.q, query.p, _A_PAGE, sort=query.sort)
    return page(request, "claims/claims.html", list=claims_page(_read(session, actor, query, search), speaks))


def taken_away(session: Session, actor: Actor, query: Asked, speaks: Language) -> Response:
    """The same list as a download."""
    search = Search(query.q, size=MOST_ROWS + 1, sort=query.sort)
    headings, rows = claims_sheet(_read(session, actor, query, search), speaks)
    return csv_file(speaks.gettext("Claims"), headings, rows)


def _read(session: Session, actor: Actor, query: Asked, search: Search) -> ClaimList:
    supplier = actor.kind is OrganizationKind.SUPPLIER
    part = claim_book.claims(session, actor, search, states=tabs(supplier=supplier)[query.state])
    parties = {party for row in part.rows for party in (row.claim.owner_id, row.claim.supplier_id)}
    return ClaimList(
        own=session.get_one(Organization, actor.organization_id),
        at=now(),
        tab=query.state,
        counts=claim_book.counts(session, actor),
        page=part,
        organizations=lookup.organizations(session, parties),
        supplier=supplier,
    )
