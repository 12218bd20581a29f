"""Records written as their forms tell them, of one lot; what is refused names the form's field."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TypeAlias, TypeVar

from sqlmodel import Session

from hub import documents, pictures
from hub.access import Actor
from hub.errors import InvalidInput
from hub.models.base import now
from hub.models.catalogue import Lot, TradeItem
from hub.models.party import Place
from hub.models.trace import Event
from hub.trace import records
from hub.trace.records import Environment, Goods, Report, Scene, Treatment
from hub.web.i18n import zone_of
from supplier_portal.lots.recording.forms import Growing, Happened, Harvest, Packing, Spraying, Test

F = TypeVar("F", bound=Happened)
Writes: TypeAlias = Callable[[Session, tuple[Lot, TradeItem], Scene, F], Event]
"""Writes one record of a lot and its item, at a scene, as a form tells it."""
CLEAN: Mapping[str, Callable[[bytes], pictures.Clean]] = {"spray": pictures.picture, "test": pictures.paper}
"""How the file of a step's form is kept: the photo of a label, a laboratory's report."""


def spray(session: Session, of: tuple[Lot, TradeItem], scene: Scene, told: Spraying) -> Event:
    """A plant protection product was used."""
    treatment = Treatment(
        product=told.product,
        substance=told.substance,
        dose=told.dose,
        dose_unit=told.dose_unit,
        interval_days=told.interval_days,
        file=documents.require_own(session, told.file, "file"),
    )
    return records.spray(session, *of, scene, treatment)


def grow(session: Session, of: tuple[Lot, TradeItem], scene: Scene, told: Growing) -> Event:
    """Something was measured while it grew."""
    if not told.readings:
        raise InvalidInput("Enter at least one measurement.", at="temperature.mean")
    environment = Environment(_on_the_clock(told.since, scene.place), told.readings)
    return records.grow(session, *of, scene, environment)


def harvest(session: Session, of: tuple[Lot, TradeItem], scene: Scene, told: Harvest) -> Event:
    """So much was harvested."""
    return records.harvest(session, Goods(*of, told.quantity), scene, best_before=told.best_before)


def test(session: Session, of: tuple[Lot, TradeItem], scene: Scene, told: Test) -> Event:
    """A laboratory found this."""
    if not told.findings:
        raise InvalidInput("Enter at least one substance.", at="residues.0.name_zh")
    file = documents.require_own(session, told.file, "file")
    report = Report(told.laboratory, told.report, told.findings, told.standard, file)
    return records.test(session, *of, scene, report)


def pack(session: Session, of: tuple[Lot, TradeItem], scene: Scene, told: Packing) -> Event:
    """So much was packed."""
    return records.pack(session, Goods(*of, told.quantity), scene, cases=told.cases)


def scene(session: Session, actor: Actor, happened: Happened) -> Scene:
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
