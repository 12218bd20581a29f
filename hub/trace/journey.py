"""The path of a lot: what its records say happened, in order, with its tests, its growing and where it came from."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlmodel import Session, col, select

from hub.models.party import Organization, Place
from hub.models.trace import Event
from hub.trace import digital_link, epcis, records, verification

_PRIVATE_STEPS = ("shipping", "receiving")


@dataclass(frozen=True)
class Step:
    """One thing that happened to a lot, where and when; ``kind`` is the business step."""

    kind: str
    at: datetime
    row: Event
    event: dict[str, Any]
    place: Place | None
    by: Organization | None
    quantity: Decimal | None = None
    unit: str = ""
    to: Place | None = None


@dataclass
class Journey:
    """A lot's steps in order, and what they tell beside the path."""

    link: str
    steps: list[Step] = field(default_factory=list)
    corrected: set[str] = field(default_factory=set)
    inputs: list[str] = field(default_factory=list)

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
        """Laboratory findings, newest first."""
        return [
            step.event["furrow:test"] | {"at": step.at}
            for step in reversed(self.steps)
            if "furrow:test" in step.event
        ]

    @property
    def protections(self) -> list[dict[str, Any]]:
        """Plant protection products used."""
        return [
            step.event["furrow:protection"] | {"at": step.at}
            for step in self.steps
            if "furrow:protection" in step.event
        ]

    @property
    def environment(self) -> list[dict[str, Any]]:
        """The growing environment: for each kind of measurement its readings in order."""
        found: dict[str, list[dict[str, Any]]] = {}
        for step in self.steps:
            if step.kind == records.GROWING:
                for element in step.event.get("sensorElementList", []):
                    for report in element["sensorReport"]:
                        found.setdefault(report["type"], []).append(report | {"at": step.at})
        return [
            {
                "type": kind, "uom": reports[-1].get("uom", ""), "mean": [r["meanValue"] for r in reports],
                "lowest": min(r["minValue"] for r in reports), "highest": max(r["maxValue"] for r in reports),
            }
            for kind, reports in found.items()
        ]  # fmt: skip

    @property
    def harvested_on(self) -> date | None:
        """The day the lot came into being, at the place where it did."""
        for step in self.steps:
            if step.kind == "commissioning":
                return date.fromisoformat(step.event["eventTime"][:10])
        return None

    def find(self, kind: str) -> Step | None:
        """The first step of a kind."""
        return next((step for step in self.steps if step.kind == kind), None)


def of(
    session: Session, link: str, *, retailer: str | None = None, events: Sequence[Event] | None = None
) -> Journey:
    """What the session may see of a lot's life; of hand-overs only those to ``retailer`` (a GLN), where it is given.

    An empty ``retailer`` shows no hand-over at all.
    """
    rows = verification.events_of(session, link) if events is None else events
    opened = [
        (row, epcis.opened(row.payload).event) for row in rows if row.payload is not None and readable(row)
    ]
    places = _places(session, [event for _, event in opened])
    owners = {
        o.id: o
        for o in session.exec(
            select(Organization).where(col(Organization.id).in_({r.owner_id for r in rows}))
        )
    }
    found = Journey(link)
    for row, event in opened:
        if "errorDeclaration" in event:
            found.corrected.add(row.event_id)
            continue
        if retailer is not None and row.biz_step in _PRIVATE_STEPS and retailer not in epcis.parties(event):
            continue
        found.steps.append(_step(row, event, places, owners.get(row.owner_id), link))
        if event["type"] == "TransformationEvent" and ("output", link) in epcis.objects(event):
            found.inputs += [other for part, other in epcis.objects(event) if part == "input"]
    return found


def readable(row: Event) -> bool:
    """Whether a stored payload still is what it was read as; an altered one is shown by the checks, not drawn."""
    try:
        epcis.moment(epcis.opened(row.payload or b"").event["eventTime"])
    except Exception:  # whatever an altered payload breaks: the checks name it
        return False
    return True


def _step(
    row: Event, event: dict[str, Any], places: dict[str, Place], by: Organization | None, link: str
) -> Step:
    quantity, unit = None, ""
    for name in ("quantityList", "outputQuantityList", "childQuantityList"):
        for element in event.get(name, []):
            if digital_link.canonical(element["epcClass"]) == link and "quantity" in element:
                quantity, unit = Decimal(str(element["quantity"])), element.get("uom", "H87")
    target = next(
        (end["destination"] for end in event.get("destinationList", []) if end["type"] == "location"), None
    )
    return Step(
        row.biz_step, row.event_time, row, event, places.get(_at(event)), by, quantity, unit,
        places.get(digital_link.canonical(target)) if target else None,
    )  # fmt: skip


def _at(event: dict[str, Any]) -> str:
    return digital_link.canonical(event.get("readPoint", event.get("bizLocation", {})).get("id", ""))


def _places(session: Session, events: Sequence[dict[str, Any]]) -> dict[str, Place]:
    links = {_at(event) for event in events}
    links |= {
        digital_link.canonical(end["destination"])
        for event in events
        for end in event.get("destinationList", [])
    }
    prefix = f"{digital_link.ROOT}/414/"
    glns = {link.removeprefix(prefix)[:13] for link in links if link.startswith(prefix)}
    return {
        digital_link.place_link(p.gln): p for p in session.exec(select(Place).where(col(Place.gln).in_(glns)))
    }
