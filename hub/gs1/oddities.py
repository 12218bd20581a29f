"""What is odd about a valid event: it is taken, and said beside it. Pure.

Three weights (E13): what the standard forbids is refused (``hub.gs1.epcis``), what is odd is told here, all else is
nobody's business. GS1's own examples do some of what is odd.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from hub.gs1 import cbv, digital_link, reading
from hub.gs1.epcis import DEVICE, Fault, Submitted, moment
from hub.gs1.units import UNITS

AHEAD = timedelta(minutes=5)
"""How far a clock may be fast before its time is the future."""

_INSTANCES = ("epcList", "childEPCs", "inputEPCList", "outputEPCList")
_CLASSES = ("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList")
_PLACES = ("readPoint", "bizLocation")
_UNITLESS = frozenset({"Count", "Dimensionless", "MemoryCapacity"})
_MOST = 10
"""Oddities told of one event: whoever has more of them makes the same mistake again and again."""


def of(submitted: Submitted, at: datetime) -> list[Fault]:
    """What is odd about an event that ``hub.gs1.epcis.validate`` found nothing wrong with, at a moment."""
    event, faults = submitted.event, list[Fault]()
    for message in _all(event, at):
        faults.append(Fault(submitted.path, message))
        if len(faults) == _MOST:
            break
    return faults


def _all(event: Mapping[str, Any], at: datetime) -> Iterator[str]:
    yield from _times(event, at)
    yield from _identifiers(event)
    yield from _quantities(event)
    yield from _readings(event)


def _times(event: Mapping[str, Any], at: datetime) -> Iterator[str]:
    told, offset = event["eventTime"], event["eventTimeZoneOffset"]
    if moment(told) > at + AHEAD:
        yield f"eventTime {told} lies in the future"
    own = told[-6:]
    if own[0] in "+-" and own != offset and {own[1:], offset[1:]} != {"00:00"}:
        yield f"eventTimeZoneOffset {offset} is not that of eventTime, {own}"


def _identifiers(event: Mapping[str, Any]) -> Iterator[str]:
    for name in _INSTANCES:
        for place, epc in enumerate(event.get(name, [])):
            if _is_class(epc):
                yield f"{name}[{place}] {epc} is a class, among single things"
    for name in _CLASSES:
        for place, element in enumerate(event.get(name, [])):
            if _is_instance(element["epcClass"]):
                yield f"{name}[{place}].epcClass {element['epcClass']} is a single thing, and no class"
    for path, identifier in _named(event):
        if digital_link.is_misnumbered(identifier):
            yield f"{path} {identifier} has a wrong check digit"


def _named(event: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Every identifier that an event names, and where."""
    for name in _INSTANCES:
        yield from ((f"{name}[{place}]", epc) for place, epc in enumerate(event.get(name, [])))
    for name in _CLASSES:
        yield from ((f"{name}[{n}].epcClass", element["epcClass"]) for n, element in enumerate(event.get(name, [])))
    if "parentID" in event:
        yield "parentID", event["parentID"]
    yield from ((f"{name}.id", event[name]["id"]) for name in _PLACES if name in event)
    for end in ("source", "destination"):
        listed = event.get(f"{end}List", [])
        yield from ((f"{end}List[{place}]", element[end]) for place, element in enumerate(listed))


def _quantities(event: Mapping[str, Any]) -> Iterator[str]:
    for name in _CLASSES:
        for place, element in enumerate(event.get(name, [])):
            unit = element.get("uom")
            if unit is not None and unit not in UNITS:
                yield f"{name}[{place}].uom {unit} is a unit that is not known here: it is compared with itself alone"


def _readings(event: Mapping[str, Any]) -> Iterator[str]:
    """Readings are not later than the event that tells them (M122), say each thing in one place, and have a unit."""
    until = moment(event["eventTime"])
    for place, element in enumerate(event.get("sensorElementList", [])):
        metadata, reports = element.get("sensorMetadata", {}), element["sensorReport"]
        times = [metadata.get("time"), metadata.get("endTime"), *(report.get("time") for report in reports)]
        if any(time is not None and moment(time) > until for time in times):
            yield f"sensorElementList[{place}] was measured after the event's time"
        for report in reports:
            both = sorted({"time", *DEVICE} & metadata.keys() & report.keys())
            if both:
                yield f"sensorElementList[{place}] says {both[0]} in its metadata and again in a report"
        for number, report in enumerate(reports):
            yield from _measured(f"sensorElementList[{place}].sensorReport[{number}]", report)


def _measured(path: str, report: Mapping[str, Any]) -> Iterator[str]:
    unit, kind = report.get("uom"), cbv.measured(report.get("type", ""))
    told = any(reading.number(report.get(name)) is not None for name in _FIGURES)
    if unit is not None and unit not in UNITS:
        yield f"{path}.uom {unit} is a unit that is not known here: it is compared with itself alone"
    if told and unit is None and kind and kind not in _UNITLESS:
        yield f"{path} tells a figure without its unit"


_FIGURES = ("value", "minValue", "maxValue", "meanValue", "sDev")


def _is_class(identifier: str) -> bool:
    """Whether an identifier is an article or a lot of it, and no single piece."""
    if identifier.startswith("urn:"):
        return identifier.startswith(("urn:epc:class:", "urn:epc:idpat:"))
    return "/01/" in identifier and "/21/" not in identifier and identifier.startswith("http")


def _is_instance(identifier: str) -> bool:
    """Whether an identifier is a single piece by its serial number, or a logistic unit."""
    if identifier.startswith("urn:"):
        return identifier.startswith(("urn:epc:id:sgtin:", "urn:epc:id:sscc:"))
    return identifier.startswith("http") and ("/00/" in identifier or ("/01/" in identifier and "/21/" in identifier))
