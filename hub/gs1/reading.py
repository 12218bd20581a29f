"""What a stored event says, read so that nothing in it can break the reading. Pure.

Whatever is stored is read here: altered by somebody, older than today's rules, or written by a client of its own.
What has another shape than it should is left out, and ``unreadable`` names it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from hub.errors import HubError
from hub.gs1 import cbv, digital_link, epcis, event_hash, jcs

Event = Mapping[str, Any]
_EPCS = {
    "epcList": "epc",
    "childEPCs": "child",
    "parentID": "parent",
    "inputEPCList": "input",
    "outputEPCList": "output",
}
_QUANTITIES = {
    "quantityList": "epc",
    "childQuantityList": "child",
    "inputQuantityList": "input",
    "outputQuantityList": "output",
}
_HOLDERS = ("owning_party", "possessing_party")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_ENDS = {"source": "sourceList", "destination": "destinationList"}


@dataclass(frozen=True, slots=True)
class Quantity:
    """How much of a class or a lot an event speaks of, and in which part; None where it does not say."""

    part: str
    link: str
    amount: float | None
    unit: str


def event_of(payload: bytes) -> dict[str, Any] | None:
    """The event inside a payload; None where the payload holds none."""
    submitted = opened(payload)
    return None if submitted is None else submitted.event


def opened(payload: bytes) -> epcis.Submitted | None:
    """The event inside a payload with the contexts it stands under; None where the payload holds none."""
    try:
        submitted = epcis.opened(payload)
    except (HubError, KeyError, TypeError, IndexError):
        return None
    return epcis.Submitted(listed(submitted.context), submitted.event) if isinstance(submitted.event, dict) else None


def moment(event: Event) -> datetime | None:
    """When an event happened, in UTC; None where it does not say so, or not with its offset."""
    stamp = text(event, "eventTime")
    try:
        return epcis.moment(stamp) if _TIME.fullmatch(stamp) else None
    except (ValueError, OverflowError):
        return None


def day(event: Event) -> date | None:
    """The day an event happened on, where it happened."""
    return None if moment(event) is None else date.fromisoformat(text(event, "eventTime")[:10])


def event_id(payload: bytes, hashed: bool = True) -> str:
    """The eventID of the event in a payload: its own, or (``hashed``) the one that follows from what it says."""
    try:
        submitted = epcis.opened(payload)
        return text(submitted.event, "eventID") or (event_hash.event_id(submitted) if hashed else "")
    except Exception:  # whatever an unreadable event breaks in the sum: it has no name
        return ""


def corrections(event: Event) -> list[str]:
    """The eventIDs that an error declaration names in place of what it declares."""
    named = member(event.get("errorDeclaration"), "correctiveEventIDs")
    return [name for name in listed(named) if isinstance(name, str)]


def step(event: Event) -> str:
    """The business step as the vocabulary's bare word; somebody else's as its URI."""
    return cbv.word("BizStep", text(event, "bizStep"))


def objects(event: Event) -> list[tuple[str, str]]:
    """What an event speaks of: (part, canonical identifier) of every object, lot, parent, input and output."""
    return instances(event) + [(quantity.part, quantity.link) for quantity in quantities(event)]


def instances(event: Event) -> list[tuple[str, str]]:
    """What an event speaks of piece by piece: (part, canonical identifier), without the classes of its quantities."""
    return [
        (part, digital_link.canonical(epc))
        for name, part in _EPCS.items()
        for epc in listed(event.get(name))
        if isinstance(epc, str)
    ]


def quantities(event: Event) -> Iterator[Quantity]:
    """The quantities that an event tells, under canonical identifiers."""
    for name, part in _QUANTITIES.items():
        for element in elements(event, name, "epcClass"):
            link = digital_link.canonical(element["epcClass"])
            yield Quantity(part, link, number(element.get("quantity")), text(element, "uom"))


def ends(event: Event, end: str) -> list[tuple[str, str]]:
    """Each ``source`` or ``destination`` of a movement: (kind, canonical identifier)."""
    return [
        (cbv.word("SDT", text(element, "type")), digital_link.canonical(element[end]))
        for element in elements(event, _ENDS[end], end)
    ]


def parties(event: Event) -> set[str]:
    """The GLNs of those who give, take and own, out of the source and destination lists."""
    return {gln for end in _ENDS for _, link in ends(event, end) if (gln := _party(link))}


def receivers(event: Event) -> set[str]:
    """The GLNs of those to whom a movement hands over: its possessing and owning parties at the destination."""
    destinations = ends(event, "destination")
    return {gln for kind, link in destinations if kind in _HOLDERS and (gln := _party(link))}


def place(event: Event) -> str:
    """Where an event was seen, as canonical identifier; empty where it does not say."""
    name = "readPoint" if "readPoint" in event else "bizLocation"
    return digital_link.canonical(text(event.get(name), "id"))


@dataclass(frozen=True, slots=True)
class Terms:
    """The words and places that an event is found by; each empty where the event does not say."""

    biz_step: str
    disposition: str
    read_point: str
    biz_location: str


def terms(event: Event) -> Terms:
    """Business step and disposition as the vocabulary's bare words, places as canonical identifiers."""
    return Terms(
        biz_step=step(event)[:200],
        disposition=cbv.word("Disp", text(event, "disposition"))[:LONGEST_TERM],
        read_point=digital_link.canonical(text(event.get("readPoint"), "id"))[:LONGEST_TERM],
        biz_location=digital_link.canonical(text(event.get("bizLocation"), "id"))[:LONGEST_TERM],
    )


LONGEST_TERM = 300
"""Characters of a word or place that an event is found by; of a longer one these."""


def summary_line(event: Event) -> tuple[str, str, str]:
    """What a signer is shown of an event: step, quantity as JCS prints it, unit."""
    shown = cbv.word("BizStep", text(event, "bizStep") or text(event, "type"))
    for name in ("quantityList", "childQuantityList", "outputQuantityList", "inputQuantityList"):
        for element in elements(event, name, "epcClass"):
            amount = number(element.get("quantity"))
            if amount is not None:
                return shown, jcs.number(amount), text(element, "uom")
    return shown, "", ""


def elements(event: Any, name: str, key: str) -> list[dict[str, Any]]:
    """The members of a list that are objects with a text under ``key``."""
    return [item for item in listed(member(event, name)) if isinstance(item, dict) and isinstance(item.get(key), str)]


def listed(value: Any) -> list[Any]:
    """A list as it is, anything else as the only member of one."""
    return value if isinstance(value, list) else [] if value is None else [value]


def member(value: Any, name: str) -> Any:
    """What stands under a name of an object; None where it is no object, or has no such name."""
    return value.get(name) if isinstance(value, Mapping) else None


def text(value: Any, name: str) -> str:
    """The text under a name, empty where there is none."""
    content = member(value, name)
    return content if isinstance(content, str) else ""


def number(value: Any) -> float | None:
    """A number that JSON tells; None for all else."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _party(link: str) -> str:
    return link.split("/")[4] if link.startswith(f"{digital_link.ROOT}/417/") else ""


# In which shape what is read here ought to be stored


def unreadable(event: Any) -> str:
    """The path of the first thing in a stored event that is not in the shape it is read in; empty when all is well."""
    if not isinstance(event, dict):
        return "event"
    if not text(event, "type"):
        return "type"
    if moment(event) is None:
        return "eventTime"
    wrong = (_fault(event[name], name) for name, _fault in _SHAPES.items() if name in event)
    return next((path for path in wrong if path), "")


Shape = Callable[[Any, str], str]


def _text(value: Any, path: str) -> str:
    return "" if isinstance(value, str) else path


def _number(value: Any, path: str) -> str:
    return path if number(value) is None else ""


def _object(needed: dict[str, Shape], more: dict[str, Shape] | None = None) -> Shape:
    def fault(value: Any, path: str) -> str:
        if not isinstance(value, dict):
            return path
        wrong = [f"{path}.{name}" for name in needed if name not in value]
        shapes = {**needed, **(more or {})}
        wrong += [shape(value[name], f"{path}.{name}") for name, shape in shapes.items() if name in value]
        return next((found for found in wrong if found), "")

    return fault


def _list(shape: Shape) -> Shape:
    def fault(value: Any, path: str) -> str:
        if not isinstance(value, list):
            return path
        wrong = (shape(item, f"{path}[{place}]") for place, item in enumerate(value))
        return next((at for at in wrong if at), "")

    return fault


_SHAPES: dict[str, Shape] = {
    "bizStep": _text,
    "eventID": _text,
    "ilmd": _object({}),
    "errorDeclaration": _object({}),
    "parentID": _text,
    **dict.fromkeys([name for name in _EPCS if name != "parentID"], _list(_text)),
    **dict.fromkeys(_QUANTITIES, _list(_object({"epcClass": _text}, {"quantity": _number, "uom": _text}))),
    **{name: _list(_object({"type": _text, end: _text})) for end, name in _ENDS.items()},
    **dict.fromkeys(("readPoint", "bizLocation"), _object({"id": _text})),
}
