"""Codes that were seen too far apart: shown to their maker, and marked once somebody looked into them."""

from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response

from hub.lists import Search
from hub.models.party import Organization
from hub.pages.reports import copied_view as view
from hub.trace.copies import sightings
from hub.trace.copies.cities import cities
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, requires
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page

_A_PAGE = 20

router = Router(prefix=view.PATH, dependencies=[requires(*sightings.READERS)], include_in_schema=False)


@router.get("")
def listed(
    request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, p: PageNumber = 1
) -> HTMLResponse:
    """One's codes that may be copied, and whether scans are noted here at all."""
    found = sightings.findings(session, actor, Search(page=p, size=_A_PAGE))
    own = session.get_one(Organization, actor.organization_id)
    shown = view.copied_page(found, sightings.waiting(session, actor), cities().state, own, speaks)
    return page(request, "reports/copied.html", list=shown)


@router.post("/{finding_id}")
def look(finding_id: UUID, request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Mark that somebody looked into one of them."""
    sightings.looked_into(session, actor, finding_id)
    return go(request, view.PATH, toast=speaks.gettext(N_("Marked as looked into.")))
