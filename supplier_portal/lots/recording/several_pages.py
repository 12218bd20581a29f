"""The page where one step is recorded for several lots at once."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.responses import HTMLResponse, Response
from sqlmodel import Session

from hub import pictures
from hub.access import Actor, Permission
from hub.models.base import now
from hub.models.party import Organization
from hub.web import uploads
from hub.web.deps import ActorDep, SessionDep, Words, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.idempotency import Once
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal.dispatch import consignments
from supplier_portal.lots.recording import earlier, several, writing
from supplier_portal.lots.recording.several import (
    STEPS,
    SeveralGrew,
    SeveralHarvested,
    SeveralPacked,
    SeveralSprayed,
    SeveralTested,
    Step,
    StepName,
)
from supplier_portal.lots.recording.several_view import DONE, SeveralSheet, several_page
from supplier_portal.lots.recording.view import present_on, step_fields

router = Router(
    prefix="/supplier/lots/record", dependencies=[requires(Permission.PUBLISH_EVENTS)], include_in_schema=False
)


@dataclass(frozen=True)
class Desk:
    """Who records, asked for how."""

    request: Request
    session: Session
    actor: Actor


def _desk(request: Request, actor: ActorDep, session: SessionDep) -> Desk:
    return Desk(request, session, actor)


DeskDep = Annotated[Desk, Depends(_desk)]


@router.get("/{step}")
def choose(desk: DeskDep, step: StepName, form: EmptyForm, q: Words = "") -> HTMLResponse:
    """The lots that a step can be recorded for, and its form."""
    return _shown(desk, form, STEPS[step], q)


@router.post("/spray")
def spray(desk: DeskDep, form: Annotated[Filled[SeveralSprayed], filled(SeveralSprayed)]) -> Response:
    """Record a plant protection product for several lots."""
    return _recorded(desk, form, STEPS["spray"])


@router.post("/grow")
def grow(desk: DeskDep, form: Annotated[Filled[SeveralGrew], filled(SeveralGrew)]) -> Response:
    """Record what was measured where several lots grow."""
    return _recorded(desk, form, STEPS["grow"])


@router.post("/harvest")
def harvest(desk: DeskDep, form: Annotated[Filled[SeveralHarvested], filled(SeveralHarvested)]) -> Response:
    """Record the harvest of several lots."""
    return _recorded(desk, form, STEPS["harvest"])


@router.post("/test")
def test(desk: DeskDep, form: Annotated[Filled[SeveralTested], filled(SeveralTested)]) -> Response:
    """Record a laboratory's report on several lots."""
    return _recorded(desk, form, STEPS["test"])


@router.post("/pack")
def pack(desk: DeskDep, form: Annotated[Filled[SeveralPacked], filled(SeveralPacked)]) -> Response:
    """Record the packing of several lots."""
    return _recorded(desk, form, STEPS["pack"])


def _recorded(desk: Desk, form: Filled[Any], step: Step) -> Response:
    """Record a step for the lots that a form means, or show it again with what is wrong beside its fields."""
    session, once = desk.session, Once.of_form(form.value("once"), f"{step.name}/several")
    uploads.take(session, form, "file", writing.CLEAN.get(step.name, pictures.paper))
    recorded = once.known(session)
    if form.read is not None and recorded is None:
        with form.attempt(session, "at"):
            recorded = once.kept(session, partial(several.record, session, desk.actor, step, form.read))
    if form.read is None:
        return _shown(desk, form, step)
    done = form.language.counted(DONE, recorded)
    return go(desk.request, "/supplier/lots", done)


def _shown(desk: Desk, form: Filled[Any], step: Step, words: str = "") -> HTMLResponse:
    session, actor = desk.session, desk.actor
    places = consignments.sources(session, actor, everywhere=True)
    own = session.get_one(Organization, actor.organization_id)
    sheet = SeveralSheet(
        step=step,
        lots=several.offered(session, actor, step, words),
        fields=step_fields(
            places, present_on(own, now()), earlier.of(session, actor, places, [step.name]), form.language
        ),
    )
    several_lots = several_page(sheet, form.language)
    status = 422 if form.errors else 200
    return page(desk.request, "lots/recording/several.html", status=status, form=form, several=several_lots)
