"""The dispatcher's pages: the board of a day, and the shipments."""

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import InvalidInput
from hub.inputs import Count, Day
from hub.lists import Search
from hub.models.base import now, plain
from hub.models.party import Organization
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, SortedBy, Words, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.forms import Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page
from logistics import shipments
from logistics.fleet import fleet
from logistics.models import PlanState
from logistics.plan import board, dispatch
from logistics.plan.board_view import board_page, progress_of
from logistics.plan.shipments_view import shipments_page

router = Router(prefix="/dispatch", dependencies=[requires(Permission.PLAN_ROUTES)], include_in_schema=False)
_A_PAGE = 50


class PlanRequest(BaseModel):
    """The day to plan, and how long the search may take."""

    day: Day
    seconds: Count = Field(default=dispatch.SECONDS, ge=1, le=45)


@router.get("")
def show_board(
    request: Request, actor: ActorDep, session: SessionDep, speaks: LanguageDep, day: Day | None = None
) -> HTMLResponse:
    """The board of a day, today's where none is named."""
    today = _today(session, actor)
    day_board = board.of_day(session, actor, day or today, at=now())
    plates = {van.plate: van.id for van, _depot, _driver in fleet.vehicles(session, actor)}
    return page(request, "plan/board.html", board=board_page(day_board, speaks, today=today, vehicles=plates))


@router.post("/plan")
def ask_for_plan(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[PlanRequest], filled(PlanRequest)],
) -> Response:
    """Ask for the plan of a day; the board shows how far it is."""
    if form.read is None:
        raise InvalidInput("Choose a day to plan.", errors=form.problems)
    dispatch.ask(session, actor, form.read.day, at=now(), seconds=form.read.seconds)
    return go(request, f"/dispatch?day={form.read.day}")


@router.get("/plan/{plan_id}/progress")
def progress(request: Request, plan_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """How far a plan is; when it is there, the board is loaded anew."""
    plan = dispatch.find(session, actor, plan_id)
    if plan.state is PlanState.PLANNING:
        return page(request, "plan/_planning.html", progress=progress_of(plan, speaks, at=now()))
    return go(request, f"/dispatch?day={plan.day}", toast=speaks.gettext(N_("The plan is there.")))


@router.post("/plan/{plan_id}/publish")
def publish(request: Request, plan_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Show the plan to drivers and stores."""
    plan = dispatch.publish(session, actor, dispatch.find(session, actor, plan_id), at=now())
    toast = speaks.gettext(N_("Published: drivers and stores see it now."))
    return go(request, f"/dispatch?day={plan.day}", toast=toast)


@router.post("/plan/{plan_id}/withdraw")
def withdraw(request: Request, plan_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep) -> Response:
    """Take the plan back to a draft."""
    plan = dispatch.withdraw(session, actor, dispatch.find(session, actor, plan_id))
    toast = speaks.gettext(N_("Taken back: drivers and stores no longer see it."))
    return go(request, f"/dispatch?day={plan.day}", toast=toast)


@router.get("/shipments")
def list_shipments(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    q: Words = "",
    day: str = "",
    p: PageNumber = 1,
    sort: SortedBy = "",
) -> HTMLResponse:
    """What is to be driven, was driven, or was received, the latest day first where nothing else is asked."""
    deliver_on = _day(day)
    standings = shipments.standings(session, actor, Search(q, p, _A_PAGE, sort=sort), day=deliver_on)
    return page(request, "plan/shipments.html", list=shipments_page(standings, speaks, day=deliver_on))


@router.get("/shipments.csv")
def export_shipments(
    actor: ActorDep,
    session: SessionDep,
    speaks: LanguageDep,
    q: Words = "",
    day: str = "",
    sort: SortedBy = "",
) -> Response:
    """The same list, to take away."""
    _ = speaks.gettext
    search = Search(q, size=MOST_ROWS + 1, sort=sort)
    standings = shipments.standings(session, actor, search, day=_day(day))
    header = [
        _("Dispatch advice"),
        "SSCC",
        _("Buyer"),
        _("Store"),
        _("Arrives"),
        "kg",
        _("Pallets"),
        _("Temperature"),
        _("Vehicle"),
        _("Expected"),
        _("Arrived"),
        _("Handed over"),
        _("Received"),
    ]
    return csv_file(
        _("Shipments"),
        header,
        (
            [
                row.shipment.number,
                row.shipment.sscc,
                speaks.name(row.buyer) if row.buyer else "",
                speaks.name(row.place) if row.place else "",
                row.shipment.deliver_on,
                plain(row.shipment.weight_kg),
                plain(row.shipment.pallets),
                row.shipment.temperature,
                row.stop.plate if row.stop else "",
                *(moment.isoformat(timespec="minutes") if moment else "" for moment in _moments(row)),
            ]
            for row in standings.rows
        ),
    )


def _today(session: Session, actor: Actor) -> date:
    own = session.get_one(Organization, actor.organization_id)
    return own.day(now())


def _day(text: str) -> date | None:
    """A day as a search form sends it; an empty one, or what is no day, searches them all."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moments(standing: shipments.Standing) -> tuple[datetime | None, ...]:
    stop = standing.stop
    ways = (stop.expected_at, stop.arrived_at, stop.delivered_at) if stop else (None, None, None)
    return (*ways, standing.receipt.received_at if standing.receipt else None)
