"""The driver's page, for a phone: the stops in order, and what to do at each."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.inputs import Figure
from hub.models.base import now
from hub.models.party import Organization
from hub.web.deps import ActorDep, LanguageDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page
from logistics.drive import tracking
from logistics.drive.view import drive_page
from logistics.plan import board

router = Router(prefix="/drive", dependencies=[requires(Permission.DRIVE)], include_in_schema=False)


class HandOver(BaseModel):
    """Who took the goods."""

    stop: UUID
    received_by: str = Field(max_length=80)


class LoadSpace(BaseModel):
    """What the thermometer of the load space shows."""

    stop: UUID
    celsius: Figure = Field(ge=-80, le=80, decimal_places=2)


@router.get("")
def show_route(request: Request, actor: ActorDep, session: SessionDep, form: EmptyForm) -> HTMLResponse:
    """Today's route."""
    return _route(request, session, actor, form)


@router.post("/stops/{stop_id}/arrival")
def arrive(request: Request, stop_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """I am here."""
    at = now()
    for stop in tracking.call_of(session, tracking.find(session, actor, stop_id)):
        tracking.arrive(session, actor, stop, at=at)
    toast = speaks.gettext(N_("Arrival at %(time)s recorded."), time=_clock(session, actor, at))
    return go(request, "/drive", toast=toast)


@router.post("/stops/{stop_id}/not-arrived")
def not_arrived(request: Request, stop_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """That was a mistake: I am not here yet."""
    for stop in tracking.call_of(session, tracking.find(session, actor, stop_id)):
        tracking.not_arrived(session, actor, stop)
    return go(request, "/drive", toast=speaks.gettext(N_("The arrival was taken back.")))


@router.post("/delivery")
def deliver(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[HandOver], filled(HandOver)],
) -> Response:
    """Somebody took the goods."""
    if form.read is None:
        return _route(request, session, actor, form, status=422)
    for stop in tracking.call_of(session, tracking.find(session, actor, form.read.stop)):
        tracking.deliver(session, actor, stop, form.read.received_by, at=now())
    toast = form.language.gettext(N_("Handed over to %(name)s."), name=form.read.received_by)
    return go(request, "/drive", toast=toast)


@router.post("/temperature")
def read_temperature(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[LoadSpace], filled(LoadSpace)],
) -> Response:
    """The load space has this temperature."""
    if form.read is None:
        return _route(request, session, actor, form, status=422)
    stop = tracking.find(session, actor, form.read.stop)
    outside = tracking.read_on_board(session, actor, stop, form.read.celsius, at=now())
    shown = form.language.temperature(form.read.celsius)
    toast = form.language.gettext(
        N_("%(celsius)s recorded: outside the limits, the stores are told.")
        if outside
        else N_("%(celsius)s recorded: within the limits."),
        celsius=shown,
    )
    return go(request, "/drive", toast=toast)


def _route(request: Request, session: Session, actor: Actor, form: Filled[Any], status: int = 200) -> HTMLResponse:
    own = session.get_one(Organization, actor.organization_id)
    today = own.day(now())
    shown = drive_page(board.of_driver(session, actor, today), own, form.language, day=today)
    return page(request, "drive/drive.html", status=status, drive=shown, form=form)


def _clock(session: Session, actor: Actor, at: datetime) -> str:
    own = session.get_one(Organization, actor.organization_id)
    return f"{own.clock(at):%H:%M}"
