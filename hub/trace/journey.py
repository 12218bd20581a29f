"""The path of a lot: what its records say happened, in order, with its tests, its growing and where it came from."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlmodel import Session, col, select

from hub.gs1 import cbv, digital_link, jcs, reading
from hub.ledger.audit import verification
from hub.ledger.custody import speakers
from hub.models.party import Organization, Place
from hub.models.trace import Event
from hub.trace import records
from hub.trace.asking import names
from hub.trace.asking.names import Called

_PRIVATE_STEPS = ("shipping", "receiving")


@dataclass(frozen=True)
class Step:
    """One thing that happened to a lot, where and when; ``kind`` is the business step.

    ``at_called`` and ``to_called`` are what its own writer calls, without proof, a place that is nobody's here.
    """

    kind: str
    at: datetime
    row: Event
    event: dict[str, Any]
    place: Place | None
    by: Organization | None
    quantity: Decimal | None = None
    unit: str = ""
    to: Place | None = None
    at_called: Called | None = None
    to_called: Called | None = None


class Named(NamedTuple):
    """An input of nobody's here, as the writer of the record that names it calls it, without proof."""

    called: Called
    by: Organization | None


@dataclass
class Journey:
    """A lot's steps in order, and what they tell beside the path.

    ``made_of`` are inputs of nobody's here that have a name, by their links; ``foreign`` all places that are nobody's
    here, whether or not they have one.
    """

    link: str
    steps: list[Step] = field(default_factory=list)
    inputs: list[str] = field(default_factory=list)
    made_of: dict[str, Named] = field(default_factory=dict)
    foreign: list[str] = field(default_factory=list)

    @property
    def path(self) -> list[Step]:
        """The steps that happen somewhere on the map, one after the other."""
        return [
            step
            for step in self.steps
            if step.place is not None and step.kind not in (records.GROWING, records.SPRAYING)
        ]

    @property
    def tests(self) -> list[dict[str, Any]]:
        """Laboratory findings that can be read, newest first."""
        tests = [(_test(step.event.get("furrow:test")), step) for step in reversed(self.steps)]
        return [test | {"at": step.at} for test, step in tests if test is not None]

    @property
    def protections(self) -> list[dict[str, Any]]:
        """Plant protection products used."""
        uses = [(step.event.get("furrow:protection"), step.at) for step in self.steps]
        return [
            {
                **{name: reading.text(used, name) for name in ("furrow:product", "furrow:substance")},
                "furrow:intervalDays": reading.number(used.get("furrow:intervalDays")) or 0,
                "at": at,
            }
            for used, at in uses
            if isinstance(used, dict)
        ]

    @property
    def environment(self) -> list[dict[str, Any]]:
        """The growing environment: for each kind of measurement its readings in order."""
        readings: dict[str, list[tuple[float, float, float]]] = {}
        units: dict[str, str] = {}
        for step in self.steps:
            if step.kind != records.GROWING:
                continue
            for element in reading.listed(step.event.get("sensorElementList")):
                for report in reading.elements(element, "sensorReport", "type"):
                    measured = _measured(report)
                    if measured is not None:
                        kind = cbv.measured(report["type"])
                        readings.setdefault(kind, []).append(measured)
                        units[kind] = reading.text(report, "uom")
        return [
            {
                "type": kind,
                "uom": units[kind],
                "mean": [mean for _, mean, _ in measured],
                "lowest": min(lowest for lowest, _, _ in measured),
                "highest": max(highest for _, _, highest in measured),
            }
            for kind, measured in readings.items()
        ]

    @property
    def harvested_on(self) -> date | None:
        """The day the lot came into being, at the place where it did."""
        for step in self.steps:
            if step.kind == "commissioning":
                return reading.day(step.event)
        return None

    def find(self, kind: str) -> Step | None:
        """The first step of a kind."""
        return next((step for step in self.steps if step.kind == kind), None)


def of(session: Session, link: str, *, retailer: str | None = None, events: Sequence[Event] | None = None) -> Journey:
    """What the session may see of a lot's life; of hand-overs only those to ``retailer`` (a GLN), where it is given.

    An empty ``retailer`` shows no hand-over at all.
    """
    rows = verification.events_of(session, link) if events is None else events
    opened = [(row, event) for row in rows if (event := _read(row)) is not None]
    places = _places(session, [event for _, event in opened])
    owners = {
        o.id: o for o in session.exec(select(Organization).where(col(Organization.id).in_({r.owner_id for r in rows})))
    }
    declared = {(row.owner_id, row.event_id) for row, event in opened if "errorDeclaration" in event}
    journey, told = Journey(link), dict[str, Event]()
    for row, event in opened:
        if (row.owner_id, row.event_id) in declared:
            continue  # an error, as its own author says; what is right stands in another record
        if retailer is not None and row.biz_step in _PRIVATE_STEPS and retailer not in reading.parties(event):
            continue
        journey.steps.append(_step(row, event, places, owners.get(row.owner_id), link))
        objects = reading.objects(event)
        if event["type"] == "TransformationEvent" and ("output", link) in objects:
            inputs = [other for part, other in objects if part == "input" and _may_name(session, row, other)]
            journey.inputs += inputs
            told |= dict.fromkeys(inputs, row)
    _call(session, journey, told, owners)
    return journey


def _call(session: Session, journey: Journey, told: Mapping[str, Event], owners: Mapping[UUID, Organization]) -> None:
    """Say what the writers of a journey's records call the places and items in them that are nobody's here.

    ``told`` are the inputs, each with the record that names it.
    """
    ends = [(step, reading.place(step.event), _target(step.event)) for step in journey.steps]
    asked = {(step.row.id, at) for step, at, _ in ends if step.place is None}
    asked |= {(step.row.id, to) for step, _, to in ends if step.to is None}
    asked |= {(row.id, name) for link, row in told.items() for name in (link, names.item_of(link))}
    unknown = names.unknown(session, {name for _, name in asked if name})
    journey.foreign = sorted(unknown & {link for _, *links in ends for link in links})
    found = names.called(session, {pair for pair in asked if pair[1] in unknown})
    if not found:
        return
    journey.steps = [
        replace(step, at_called=found.get((step.row.id, at)), to_called=found.get((step.row.id, to)))
        for step, at, to in ends
    ]
    for link, row in told.items():
        if said := found.get((row.id, link)) or found.get((row.id, names.item_of(link))):
            journey.made_of[link] = Named(said, owners.get(row.owner_id))


def _may_name(session: Session, row: Event, link: str) -> bool:
    """Whether an event may name a lot as what something was made of.

    It may where its writer made or held that lot, or where nobody here did.
    """
    lots = speakers.lots_of(session, link)
    if not lots or any(lot.owner_id == row.owner_id for lot in lots):
        return True
    events = speakers.naming(session, link)
    return any(speakers.hears(speakers.of_lot(session, lot, link, events), row) for lot in lots)


def readable(row: Event) -> bool:
    """Whether a stored payload still is what it was read as; an altered one is shown by the checks, not drawn."""
    return _read(row) is not None


def _read(row: Event) -> dict[str, Any] | None:
    event = reading.event_of(row.payload or b"")
    return event if event is not None and not reading.unreadable(event) else None


def _test(test: Any) -> dict[str, Any] | None:
    """A laboratory's findings; None unless every one of them can be read, since half a test says nothing."""
    results = [_result(residue) for residue in reading.listed(reading.member(test, "furrow:results"))]
    if not results or None in results:
        return None
    names = ("furrow:laboratory", "furrow:report", "furrow:standard")
    return {name: reading.text(test, name) for name in names} | {"furrow:results": results}


def _result(residue: Any) -> dict[str, Any] | None:
    limit = reading.number(reading.member(residue, "furrow:limit"))
    zh, en = (reading.text(residue, f"furrow:substance{language}") for language in ("Zh", "En"))
    if limit is None or limit <= 0 or not (zh or en):
        return None
    substance = {"furrow:substanceZh": zh or en, "furrow:substanceEn": en or zh, "furrow:limit": limit}
    if "furrow:found" not in residue:
        return substance
    found = reading.number(residue["furrow:found"])
    return None if found is None else substance | {"furrow:found": found}


def _measured(report: dict[str, Any]) -> tuple[float, float, float] | None:
    """Lowest, mean and highest of a report; of one that tells a single value, three times that."""
    mean = reading.number(report.get("meanValue", report.get("value")))
    if mean is None:
        return None
    lowest, highest = (reading.number(report.get(name)) for name in ("minValue", "maxValue"))
    return mean if lowest is None else lowest, mean, mean if highest is None else highest


def _step(row: Event, event: dict[str, Any], places: dict[str, Place], by: Organization | None, link: str) -> Step:
    quantity, unit = None, ""
    for entry in reading.quantities(event):
        if entry.link == link and entry.amount is not None and entry.part != "input":
            quantity, unit = Decimal(jcs.number(entry.amount)), entry.unit or "H87"
    target = _target(event)
    return Step(
        row.biz_step,
        row.event_time,
        row,
        event,
        places.get(reading.place(event)),
        by,
        quantity,
        unit,
        places.get(target),
    )


def _target(event: dict[str, Any]) -> str:
    return next((end for kind, end in reading.ends(event, "destination") if kind == "location"), "")


def _places(session: Session, events: Sequence[dict[str, Any]]) -> dict[str, Place]:
    links = {reading.place(event) for event in events}
    links |= {link for event in events for _, link in reading.ends(event, "destination")}
    prefix = f"{digital_link.ROOT}/414/"
    glns = {gln for link in links if (gln := link.removeprefix(prefix)[:13]).isdecimal()}
    return {digital_link.place_link(p.gln): p for p in session.exec(select(Place).where(col(Place.gln).in_(glns)))}
