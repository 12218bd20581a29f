"""The dispatcher's fleet: what vehicles there are, what they carry, and who drives them."""

from datetime import time
from typing import Annotated, Any
from uuid import UUID

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.inputs import Count, Figure
from hub.lists import Search
from hub.models.base import now
from hub.models.catalogue import Temperature
from hub.web.deps import ActorDep, LanguageDep, PageNumber, SessionDep, SortedBy, Words, requires
from hub.web.export import MOST_ROWS, csv_file
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page
from logistics.fleet import fleet
from logistics.fleet.view import Choices, choices_of, vehicle_page, vehicles_page, vehicles_sheet
from logistics.models import Vehicle

router = Router(prefix="/dispatch/vehicles", dependencies=[requires(Permission.PLAN_ROUTES)], include_in_schema=False)


class VehicleForm(BaseModel):
    """A vehicle as the form asks for it."""

    plate: str = Field(max_length=20)
    depot_id: UUID
    driver_id: UUID | None = None
    capacity_kg: Figure = Field(gt=0, le=60_000, decimal_places=2)
    capacity_pallets: Figure = Field(gt=0, le=100, decimal_places=2)
    temperature: Temperature
    shift_start: time
    shift_end: time
    fixed_cost: Count = Field(default=300, ge=0, le=100_000)
    cost_per_km: Count = Field(default=3, ge=0, le=1000)

    def description(self) -> fleet.Description:
        """What the form says, as the fleet takes it."""
        return fleet.Description(**self.model_dump())


@router.get("")
def list_vehicles(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    q: Words = "",
    p: PageNumber = 1,
    sort: SortedBy = "",
) -> HTMLResponse:
    """The fleet, and a form for one more."""
    return _vehicles(request, session, actor, form, Search(q, p, sort=sort))


@router.get("/export.csv")
def export(actor: ActorDep, session: SessionDep, speaks: LanguageDep, q: Words = "", sort: SortedBy = "") -> Response:
    """The fleet, to take away."""
    found = fleet.listed(session, actor, Search(q, size=MOST_ROWS + 1, sort=sort))
    headings, rows = vehicles_sheet(found.rows, speaks)
    return csv_file(speaks.gettext("Vehicles"), headings, rows)


@router.post("")
def add_vehicle(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[VehicleForm], filled(VehicleForm)],
) -> Response:
    """Take a vehicle into the fleet."""
    if form.read is not None:
        with form.attempt(session):
            fleet.add(session, actor, form.read.description())
            return go(
                request,
                "/dispatch/vehicles",
                toast=form.language.gettext(N_("The vehicle is in your fleet.")),
            )
    return _vehicles(request, session, actor, form)


@router.get("/{vehicle_id}")
def show_vehicle(
    request: Request, vehicle_id: UUID, actor: ActorDep, session: SessionDep, form: EmptyForm
) -> HTMLResponse:
    """One vehicle, to be changed."""
    return _vehicle(request, session, actor, fleet.find(session, actor, vehicle_id), form)


@router.post("/{vehicle_id}")
def change_vehicle(
    request: Request,
    vehicle_id: UUID,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[VehicleForm], filled(VehicleForm)],
) -> Response:
    """Change what a vehicle carries, when it drives, or who drives it."""
    van = fleet.find(session, actor, vehicle_id)
    if form.read is not None:
        with form.attempt(session):
            fleet.change(session, actor, van, form.read.description())
            toast = form.language.gettext(N_("Saved. Plans made from now on go by it."))
            return go(request, "/dispatch/vehicles", toast=toast)
    return _vehicle(request, session, actor, van, form)


@router.post("/{vehicle_id}/retire")
def retire_vehicle(
    request: Request, vehicle_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Plan no more routes for a vehicle."""
    fleet.retire(session, actor, fleet.find(session, actor, vehicle_id), at=now())
    toast = speaks.gettext(N_("Out of service: no more routes are planned for it."))
    return go(request, "/dispatch/vehicles", toast=toast)


@router.post("/{vehicle_id}/return")
def return_vehicle(
    request: Request, vehicle_id: UUID, actor: ActorDep, session: SessionDep, speaks: LanguageDep
) -> Response:
    """Plan routes for a vehicle again."""
    fleet.retire(session, actor, fleet.find(session, actor, vehicle_id), at=now(), back=True)
    toast = speaks.gettext(N_("Back in service: routes are planned for it again."))
    return go(request, "/dispatch/vehicles", toast=toast)


def _vehicles(
    request: Request, session: Session, actor: Actor, form: Filled[Any], search: Search = Search()
) -> HTMLResponse:
    status = 422 if form.errors else 200
    found, ready = fleet.listed(session, actor, search), fleet.in_service(session, actor)
    shown = vehicles_page(found, ready, _choices(session, actor, form), form.language)
    return page(request, "fleet/vehicles.html", status=status, form=form, fleet=shown)


def _vehicle(request: Request, session: Session, actor: Actor, van: Vehicle, form: Filled[Any]) -> HTMLResponse:
    status = 422 if form.errors else 200
    shown = vehicle_page(van, _choices(session, actor, form), form.language)
    return page(request, "fleet/vehicle.html", status=status, form=form, vehicle=shown)


def _choices(session: Session, actor: Actor, form: Filled[Any]) -> Choices:
    return choices_of(fleet.depots(session, actor), fleet.drivers(session, actor), form.language)
