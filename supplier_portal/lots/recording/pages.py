"""The forms of a lot's life, for people who never heard of EPCIS: each becomes one record."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar
from uuid import UUID

from fastapi import Query, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, Field, ValidationInfo, field_validator
from sqlmodel import Session

from hub.access import Actor, Permission
from hub.errors import InvalidInput, NotFound
from hub.inputs import Count, Day, Figure, LocalMoment
from hub.models.base import now
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Organization, Place
from hub.trace import records
from hub.trace.records import Batch, Environment, Goods, Report, Scene, Treatment
from hub.web.deps import ActorDep, SessionDep, requires
from hub.web.forms import EmptyForm, Filled, filled
from hub.web.i18n import N_, zone_of
from hub.web.routing import Router
from hub.web.templating import go, page
from supplier_portal import lookup
from supplier_portal.dispatch import consignments
from supplier_portal.lots import lot_book
from supplier_portal.lots.desk import Desk, DeskDep, shown
from supplier_portal.lots.recording.view import MEASURED, lot_beginning, present_on

router = Router(prefix="/supplier/lots", dependencies=[requires(Permission.PUBLISH_EVENTS)], include_in_schema=False)
Positive = Annotated[Figure, Field(gt=0, max_digits=18, decimal_places=6)]
Shown = Annotated[Figure, Field(max_digits=18, decimal_places=6)]
Word = Annotated[str, Field(max_length=80)]


class Happened(BaseModel):
    """Where and when, on that place's clock."""

    place: UUID
    at: LocalMoment


class NewLot(Happened):
    """A lot begun: planted, or made in one day."""

    item: UUID
    number: str = Field(max_length=20)
    way: Literal["plant", "make"]
    area: Positive | None = None
    quantity: Positive | None = None
    best_before: Day | None = None


class Spraying(Happened):
    """A plant protection product used."""

    product: Word
    substance: Word
    dose: Positive
    dose_unit: Literal["LTR", "KGM", "MLT", "GRM"]
    interval_days: Annotated[Count, Field(ge=0, le=365)]


class Measured(BaseModel):
    """One kind of measurement: its lowest, highest and mean, or none of them."""

    lowest: Shown | None = None
    highest: Shown | None = None
    mean: Shown | None = Field(default=None, validate_default=True)

    @field_validator("mean")
    @classmethod
    def _between(cls, mean: Decimal | None, others: ValidationInfo) -> Decimal | None:
        if not {"lowest", "highest"} <= others.data.keys():
            return mean  # what is wrong with them is said beside them
        lowest, highest = others.data["lowest"], others.data["highest"]
        if lowest is mean is highest is None:
            return None
        if lowest is None or mean is None or highest is None or not lowest <= mean <= highest:
            raise ValueError(N_("Enter lowest, mean and highest, in this order."))
        return mean


class Growing(Happened):
    """The growing environment since a moment; its fields beside that are those of ``MEASURED``."""

    since: LocalMoment
    temperature: Measured = Field(default_factory=Measured)
    humidity: Measured = Field(default_factory=Measured)

    @property
    def readings(self) -> list[records.Reading]:
        """What was measured."""
        return [
            records.Reading(kind, unit, float(measured.mean), float(measured.lowest), float(measured.highest))
            for name, (kind, unit) in MEASURED.items()
            for measured in [getattr(self, name)]
            if measured.mean is not None
        ]


class Harvest(Happened):
    """So much was harvested."""

    quantity: Positive
    best_before: Day | None = None


class Substance(BaseModel):
    """What the laboratory looked for: it has a name in one language at least, and a limit."""

    name_zh: str = Field(default="", max_length=60)
    name_en: str = Field(default="", max_length=60)
    found: Annotated[Figure, Field(ge=0, max_digits=18, decimal_places=6)] | None = None
    limit: Positive | None = Field(default=None, validate_default=True)

    @field_validator("limit")
    @classmethod
    def _known(cls, limit: Decimal | None, others: ValidationInfo) -> Decimal | None:
        if limit is None and (others.data.get("name_zh") or others.data.get("name_en")):
            raise ValueError(N_("Enter the limit for this substance."))
        return limit


class Test(Happened):
    """A laboratory's findings."""

    laboratory: Word
    report: Word
    standard: str = Field(default="", max_length=60)
    residues: list[Substance] = Field(default_factory=list)

    @property
    def findings(self) -> list[records.Residue]:
        """The substances that were named, each in both languages."""
        return [
            records.Residue(
                substance.name_zh or substance.name_en,
                substance.name_en or substance.name_zh,
                substance.found,
                substance.limit,
            )
            for substance in self.residues
            if substance.limit is not None and (substance.name_zh or substance.name_en)
        ]


class Packing(Happened):
    """So much was packed, in so many cases."""

    quantity: Positive
    cases: Annotated[Count, Field(ge=1, le=100_000)]


@router.get("/new")
def new(
    request: Request,
    actor: ActorDep,
    session: SessionDep,
    form: EmptyForm,
    item: Annotated[str, Query(max_length=14)] = "",
) -> HTMLResponse:
    """The form that begins a lot."""
    chosen = str(lookup.own_item(session, actor, item).id) if item else ""
    return _new(request, session, actor, form, chosen)


@router.post("/new")
def begin(
    request: Request, actor: ActorDep, session: SessionDep, form: Annotated[Filled[NewLot], filled(NewLot)]
) -> Response:
    """Begin a lot in the field, or record one that was made in a day."""
    lot = _begun(session, actor, form, form.read) if form.read else None
    if lot is None:
        return _new(request, session, actor, form)
    begun = form.language.gettext("Lot %(number)s has begun.", number=lot.number)
    return go(request, f"/supplier/lots/{lot.id}", begun)


def _begun(session: Session, actor: Actor, form: Filled[NewLot], lot: NewLot) -> Lot | None:
    """The lot that a form begins, None where it is refused."""
    item = session.get(TradeItem, lot.item)
    if item is None or item.owner_id != actor.organization_id:
        raise NotFound("You make no such item.")
    with form.attempt(session, "number"):
        scene = _scene(session, actor, lot)
        if lot.way == "plant":
            return records.plant(session, item, lot.number, scene, area_m2=lot.area)
        batch = Batch(lot.quantity or Decimal(0), lot.best_before)
        return records.make(session, item, lot.number, scene, batch)
    return None


def _new(request: Request, session: Session, actor: Actor, form: Filled[Any], chosen: str = "") -> HTMLResponse:
    own = session.get_one(Organization, actor.organization_id)
    beginning = lot_beginning(
        lot_book.own_items(session, actor),
        consignments.sources(session, actor),
        present_on(own, now()),
        form.language,
        chosen=chosen,
    )
    return page(
        request, "lots/recording/lot-new.html", status=422 if form.errors else 200, form=form, beginning=beginning
    )


@router.post("/{lot_id}/spray")
def spray(desk: DeskDep, form: Annotated[Filled[Spraying], filled(Spraying)]) -> Response:
    """Record a plant protection product."""

    def record(spraying: Spraying, scene: Scene) -> None:
        treatment = Treatment(
            product=spraying.product,
            substance=spraying.substance,
            dose=spraying.dose,
            dose_unit=spraying.dose_unit,
            interval_days=spraying.interval_days,
        )
        records.spray(desk.session, desk.lot, desk.item, scene, treatment)

    return _recorded(desk, form, "spray", record)


@router.post("/{lot_id}/grow")
def grow(desk: DeskDep, form: Annotated[Filled[Growing], filled(Growing)]) -> Response:
    """Record what the sensors measured."""

    def record(growing: Growing, scene: Scene) -> None:
        if not growing.readings:
            raise InvalidInput("Enter at least one measurement.", at="temperature.mean")
        environment = Environment(_on_the_clock(growing.since, scene.place), growing.readings)
        records.grow(desk.session, desk.lot, desk.item, scene, environment)

    return _recorded(desk, form, "grow", record)


@router.post("/{lot_id}/harvest")
def harvest(desk: DeskDep, form: Annotated[Filled[Harvest], filled(Harvest)]) -> Response:
    """Record the harvest, with which the lot comes into being."""

    def record(harvested: Harvest, scene: Scene) -> None:
        goods = Goods(desk.lot, desk.item, harvested.quantity)
        records.harvest(desk.session, goods, scene, best_before=harvested.best_before)

    return _recorded(desk, form, "harvest", record)


@router.post("/{lot_id}/test")
def test(desk: DeskDep, form: Annotated[Filled[Test], filled(Test)]) -> Response:
    """Record what a laboratory found."""

    def record(tested: Test, scene: Scene) -> None:
        if not tested.findings:
            raise InvalidInput("Enter at least one substance.", at="residues.0.name_zh")
        report = Report(tested.laboratory, tested.report, tested.findings, tested.standard)
        records.test(desk.session, desk.lot, desk.item, scene, report)

    return _recorded(desk, form, "test", record)


@router.post("/{lot_id}/pack")
def pack(desk: DeskDep, form: Annotated[Filled[Packing], filled(Packing)]) -> Response:
    """Record what was packed."""

    def record(packing: Packing, scene: Scene) -> None:
        goods = Goods(desk.lot, desk.item, packing.quantity)
        records.pack(desk.session, goods, scene, cases=packing.cases)

    return _recorded(desk, form, "pack", record)


H = TypeVar("H", bound=Happened)


def _recorded(desk: Desk, form: Filled[H], step: str, record: Callable[[H, Scene], None]) -> Response:
    """Record a step of a lot as its form tells it, or show the form again with what is wrong beside its fields."""
    if form.read is not None:
        with form.attempt(desk.session, "at"):
            record(form.read, _scene(desk.session, desk.actor, form.read))
    if form.read is None:
        return shown(desk, form, step)
    return go(desk.request, desk.address, form.language.gettext("Recorded. It is sealed within seconds."))


def _scene(session: Session, actor: Actor, happened: Happened) -> Scene:
    """Where and when something happened: at a place of one's own, and not in the time to come."""
    place = session.get(Place, happened.place)
    if place is None or place.owner_id != actor.organization_id:
        raise InvalidInput("Choose one of your own places.", at="place")
    at = _on_the_clock(happened.at, place)
    if at > now():
        raise InvalidInput("This time is still to come.", at="at")
    return Scene(place, at)


def _on_the_clock(moment: datetime, place: Place) -> datetime:
    """A moment that the clock of a place showed; one that brings its own offset is taken at its word."""
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone_of(place))).astimezone(UTC)
