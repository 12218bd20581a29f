"""Problems that shoppers report: listed, read and followed up by a lot's maker and the retailer that sold it."""

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub import pictures
from hub.access import Actor
from hub.inputs import Prose
from hub.lists import Search
from hub.models.base import uuid7
from hub.models.party import Organization
from hub.models.reports import ProblemReport
from hub.pages.reports import view
from hub.pages.reports.words import MOST_WORDS
from hub.trace import reports
from hub.trace.copies import sightings
from hub.trace.reports import READERS, Part
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, Words, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page

_A_PAGE = 25
_ALONE = {
    "Content-Disposition": "inline",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
}
"""What a stranger's photo may do in a browser: nothing, and it stays nowhere."""

router = Router(prefix="/problems", dependencies=[requires(*READERS)], include_in_schema=False)


class Written(BaseModel):
    """What is written about a report, for whom, and whether that closes it."""

    words: Prose = Field(min_length=2, max_length=MOST_WORDS)
    to: Literal["parties", "shopper"]
    closes: bool = False


@router.get("")
def listed(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    state: Part = "all",
    q: Words = "",
    p: PageNumber = 1,
) -> HTMLResponse:
    """Reports, the open ones first, searched, page by page."""
    found = reports.reports(session, actor, Search(q, p, _A_PAGE), state)
    own = session.get_one(Organization, actor.organization_id)
    shown = view.problems_page(found, reports.counts(session, actor), state, own, speaks)
    copied = bool(actor.permissions & set(sightings.READERS))
    return page(request, "reports/problems.html", list=shown, copied=copied)


@router.get("/{report_id}")
def show(report_id: UUID, request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """One report with what was done about it."""
    return _shown(request, session, actor, reports.find(session, actor, report_id), form)


@router.get("/{report_id}/photo")
def photo(report_id: UUID, actor: ActorDep, session: SessionDep) -> Response:
    """The shopper's photo, to the two parties."""
    content = reports.photo_of(session, reports.find(session, actor, report_id))
    return Response(content, media_type=pictures.JPEG, headers=_ALONE)


@router.post("/{report_id}")
def write(
    report_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Written], filled(Written)],
) -> Response:
    """Answer the shopper, note something for both parties, or close the report."""
    report = reports.find(session, actor, report_id)
    read = form.read
    if read is None:
        return _shown(request, session, actor, report, form)

    def work() -> str:
        answers = read.to == "shopper"
        reports.follow_up(session, actor, report, read.words, answers=answers, closes=read.closes)
        return view.ANSWERED if answers else view.NOTED

    said = Once.of_form(form.value("once"), f"report/{report.id}").kept(session, work)
    return go(request, f"/problems/{report.id}", form.language.gettext(said))


def _shown(request: Request, session: Session, actor: Actor, report: ProblemReport, form: Filled[Any]) -> HTMLResponse:
    own = session.get_one(Organization, actor.organization_id)
    form.values.setdefault("once", str(uuid7()))
    shown = view.problem_page(reports.read(session, report), own, form.language)
    return page(request, "reports/problem.html", status=422 if form.errors else 200, form=form, problem=shown)
