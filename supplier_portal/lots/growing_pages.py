"""The forms of a lot's life, for people who never heard of EPCIS: each becomes one record."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field
from sqlmodel import Session

from hub.access import Permission
from hub.errors import NotFound
from hub.models.base import now
from hub.models.catalogue import TradeItem
from hub.models.party import Organization, Place
from hub.trace import records
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import Count, EmptyForm, Figure, Filled, filled
from hub.web.i18n import N_
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.lots import lot_book
from supplier_portal.lots.pages import shown
from supplier_portal.orders import consignments

router = Router(prefix="/supplier/lots", dependencies=[requires(Permission.PUBLISH_EVENTS)], include_in_schema=False)
_EARLIEST = 1990
"""The first year that a record may speak of; at the ends of time there is no other clock to tell it by."""
Positive = Annotated[Figure, Field(gt=0, max_digits=18, decimal_places=6)]
Shown = Annotated[Figure, Field(max_digits=18, decimal_places=6)]
Word = Annotated[str, Field(max_length=80)]
MEASURED = [("Temperature", "CEL", N_("Temperature")), ("RelativeHumidity", "P1", N_("Air humidity"))]
DOSES = {"LTR": N_("litres"), "KGM": N_("kilograms"), "MLT": N_("millilitres"), "GRM": N_("grams")}


class Happened(BaseModel):
    """Where and when, on that place's clock."""

    place: UUID
    at: datetime


class NewLot(Happened):
    """A lot begun: planted, or made in one day."""

    item: UUID
    number: str = Field(max_length=20)
    way: Literal["plant", "make"]
    area: Positive | None = None
    quantity: Positive | None = None
    best_before: date | None = None


class Spraying(Happened):
    """A plant protection product used."""

    product: Word
    substance: Word
    dose: Positive
    dose_unit: Literal["LTR", "KGM", "MLT", "GRM"]
    interval_days: Annotated[Count, Field(ge=0, le=365)]


class Measured(BaseModel):
    """One kind of measurement: its mean, lowest and highest."""

    mean: Shown | None = None
    lowest: Shown | None = None
    highest: Shown | None = None


class Growing(Happened):
    """The growing environment since a moment."""

    since: datetime
    readings: list[Measured]


class Harvest(Happened):
    """So much was harvested."""

    quantity: Positive
    best_before: date | None = None


class Substance(BaseModel):
    """What the laboratory looked for."""

    name_zh: str = Field(default="", max_length=60)
    name_en: str = Field(default="", max_length=60)
    found: Annotated[Figure, Field(ge=0, max_digits=18, decimal_places=6)] | None = None
    limit: Positive | None = None


class Test(Happened):
    """A laboratory's findings."""

    laboratory: Word
    report: Word
    standard: str = Field(default="", max_length=60)
    residues: list[Substance]


class Packing(Happened):
    """So much was packed, in so many cases."""

    quantity: Positive
    cases: Annotated[Count, Field(ge=1, le=100_000)]


@dataclass(frozen=True)
class _When:
    """Where and when something happened, ready for the services."""

    place: Place
    at: datetime


@router.get("/new")
def new(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    item: Annotated[str, Query(max_length=14)] = "",
) -> HTMLResponse:
    """The form that begins a lot."""
    chosen = lookup.own_item(session, actor, item).id if item else ""
    return _new(request, session, actor, form, chosen=str(chosen))


@router.post("/new")
def begin(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[NewLot], filled(NewLot)]
) -> Response:
    """Begin a lot in the field, or record one that was made in a day."""
    made: list[UUID] = []
    said = form.read
    if said is not None and said.way == "make" and said.quantity is None:
        form.refuse("quantity", form.language.gettext("Say how much was made."))
    when = _when(session, actor, form)
    said = form.read
    if said is not None and when is not None:
        item = session.get(TradeItem, said.item)
        if item is None or item.owner_id != actor.organization_id:
            raise NotFound("You make no such item.")

        with form.attempt(session, "number"):
            if said.way == "plant":
                lot = records.plant(session, item, said.number, place=when.place, at=when.at, area_m2=said.area)
            else:
                lot = records.make(
                    session,
                    item,
                    said.number,
                    place=when.place,
                    at=when.at,
                    quantity=said.quantity or Decimal(0),
                    best_before=said.best_before,
                )
            made.append(lot.id)
    if not made:
        return _new(request, session, actor, form, status=422)
    return go(
        request,
        f"/supplier/lots/{made[0]}",
        form.language.gettext("Lot %(number)s has begun.", number=form.value("number")),
    )


@router.post("/{lot_id}/spray")
def spray(
    lot_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Spraying], filled(Spraying)],
) -> Response:
    """Record a plant protection product."""
    row, when = lot_book.find(session, actor, lot_id), _when(session, actor, form)
    if (said := form.read) is not None and when is not None:
        with form.attempt(session, "at"):
            records.spray(
                session,
                row.lot,
                row.item,
                place=when.place,
                at=when.at,
                product=said.product,
                substance=said.substance,
                dose=said.dose,
                dose_unit=said.dose_unit,
                interval_days=said.interval_days,
            )
    return _done(request, session, actor, lot_id, form, "spray")


@router.post("/{lot_id}/grow")
def grow(
    lot_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Growing], filled(Growing)],
) -> Response:
    """Record what the sensors measured."""
    row, when = lot_book.find(session, actor, lot_id), _when(session, actor, form)
    readings = _readings(form)
    if (said := form.read) is not None and when is not None:
        since = said.since.replace(tzinfo=ZoneInfo(when.place.time_zone))
        if since >= when.at:
            form.refuse("since", form.language.gettext("This is not before the end."))
        else:
            with form.attempt(session, "at"):
                records.grow(session, row.lot, row.item, place=when.place, at=when.at, since=since, readings=readings)
    return _done(request, session, actor, lot_id, form, "grow")


@router.post("/{lot_id}/harvest")
def harvest(
    lot_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Harvest], filled(Harvest)],
) -> Response:
    """Record the harvest, with which the lot comes into being."""
    row, when = lot_book.find(session, actor, lot_id), _when(session, actor, form)
    if (said := form.read) is not None and when is not None:
        with form.attempt(session, "at"):
            records.harvest(
                session,
                row.lot,
                row.item,
                place=when.place,
                at=when.at,
                quantity=said.quantity,
                best_before=said.best_before,
            )
    return _done(request, session, actor, lot_id, form, "harvest")


@router.post("/{lot_id}/test")
def test(
    lot_id: UUID, request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[Test], filled(Test)]
) -> Response:
    """Record what a laboratory found."""
    row, when = lot_book.find(session, actor, lot_id), _when(session, actor, form)
    residues = _residues(form)
    if (said := form.read) is not None and when is not None:
        with form.attempt(session, "at"):
            records.test(
                session,
                row.lot,
                row.item,
                laboratory=said.laboratory,
                report=said.report,
                place=when.place,
                at=when.at,
                residues=residues,
                standard=said.standard,
            )
    return _done(request, session, actor, lot_id, form, "test")


@router.post("/{lot_id}/pack")
def pack(
    lot_id: UUID,
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: Annotated[Filled[Packing], filled(Packing)],
) -> Response:
    """Record what was packed."""
    row, when = lot_book.find(session, actor, lot_id), _when(session, actor, form)
    if (said := form.read) is not None and said.quantity > row.lot.quantity:
        most = form.language.quantity(row.lot.quantity, row.item.unit)
        form.refuse("quantity", form.language.gettext("Enter at most %(most)s.", most=most))
    if (said := form.read) is not None and when is not None:
        with form.attempt(session, "at"):
            records.pack(
                session, row.lot, row.item, place=when.place, at=when.at, quantity=said.quantity, cases=said.cases
            )
    return _done(request, session, actor, lot_id, form, "pack")


def _when(session: Session, actor: ActorDep, form: Filled[Any]) -> _When | None:
    """Where and when it happened; refused beside the field where the place is another's or the time to come."""
    said: Happened | None = form.read
    if said is None:
        return None
    place = session.get(Place, said.place)
    if place is None or place.owner_id != actor.organization_id:
        form.refuse("place", form.language.gettext("Choose one of your own places."))
        return None
    at, today = said.at.replace(tzinfo=ZoneInfo(place.time_zone)), now()
    if at.year < _EARLIEST:
        form.refuse("at", form.language.gettext("This time is too long ago."))
        return None
    if at.year > today.year + 1 or at > today:
        form.refuse("at", form.language.gettext("This time is still to come."))
        return None
    return _When(place, at.astimezone(UTC))


def _done(request: Request, session: Session, actor: ActorDep, lot_id: UUID, form: Filled[Any], step: str) -> Response:
    if form.errors or form.read is None:
        return shown(request, session, actor, lot_id, form, step=step, status=422)
    return go(request, f"/supplier/lots/{lot_id}", form.language.gettext("Recorded. It is sealed within seconds."))


def _new(
    request: Request, session: Session, actor: ActorDep, form: Filled[Any], chosen: str = "", status: int = 200
) -> HTMLResponse:
    own = session.get_one(Organization, actor.organization_id)
    return page(
        request,
        "lots/lot-new.html",
        status=status,
        form=form,
        own=own,
        chosen=chosen,
        items=lot_book.own_items(session, actor),
        places=consignments.sources(session, actor),
        local=now().astimezone(ZoneInfo(own.time_zone)),
    )


def _readings(form: Filled[Growing]) -> list[records.Reading]:
    made = []
    for n, (kind, unit, _word) in enumerate(MEASURED):
        one = form.read.readings[n] if form.read and n < len(form.read.readings) else Measured()
        given = [one.lowest, one.mean, one.highest]
        if all(value is None for value in given):
            continue
        if any(value is None for value in given) or not one.lowest <= one.mean <= one.highest:  # type: ignore[operator]
            form.errors[f"readings.{n}.mean"] = form.language.gettext("Enter lowest, mean and highest, in this order.")
            continue
        made.append(
            records.Reading(kind, unit, *(float(v) for v in (one.mean, one.lowest, one.highest) if v is not None))
        )
    if form.read is not None and not made and not form.errors:
        form.errors["readings.0.mean"] = form.language.gettext("Enter at least one measurement.")
    if form.errors:
        form.read = None
    return made


def _residues(form: Filled[Test]) -> list[records.Residue]:
    made = []
    for n, one in enumerate(form.read.residues if form.read else []):
        if not (one.name_zh or one.name_en):
            continue
        if one.limit is None:
            form.errors[f"residues.{n}.limit"] = form.language.gettext("Enter the limit for this substance.")
            continue
        made.append(records.Residue(one.name_zh or one.name_en, one.name_en or one.name_zh, one.found, one.limit))
    if form.read is not None and not made and not form.errors:
        form.errors["residues.0.name_zh"] = form.language.gettext("Enter at least one substance.")
    if form.errors:
        form.read = None
    return made
