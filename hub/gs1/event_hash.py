"""The CBV event hash: an eventID that follows from what the event says, whatever form it is written in.

Serves to find the same event again and to name events that came without an eventID. It is never the
commitment: it is unsalted, and cannot tell apart all that a signature must. Source: CBV 2.0, section 8.9, the draft
of CBV 2.1, and the reference generator where they are silent (docs/decisions/0031).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from hub.gs1 import cbv, digital_link, epcis, jcs


class Rules(NamedTuple):
    """In what the versions of the algorithm differ."""

    suffix: str
    order: str
    """Which of ``_ORDERS`` the event's fields stand in."""
    listed: bool = True
    """The name sensorElementList stands before its elements, as every list's name does."""
    within: bool = True
    """Extensions of a standard field follow its own fields; else all of them stand behind the ilmd."""
    vocabulary: str = "https://ref.gs1.org/voc/"
    master_data: str = "urn:epcglobal:cbv:mda"
    """The name space of cbvmda where the context does not declare it."""


VERSIONS = {
    "CBV2.0": Rules("CBV2.0", "until 2025", vocabulary=cbv.PREFIXES["gs1"], master_data=cbv.PREFIXES["cbvmda"]),
    "CBV2.0-2026": Rules("CBV2.0", "event", listed=False, within=False),
    "CBV2.1": Rules("CBV2.1", "event"),
}
"""CBV2.0 is what the reference gave until 2025, and what names the events that are stored; in 2026 it took back
some of its readings under the same suffix."""

_BUSINESS = (
    "epcList", "parentID", "inputEPCList", "childEPCs", "quantityList", "childQuantityList", "inputQuantityList",
    "outputEPCList", "outputQuantityList", "action", "transformationID", "bizStep", "disposition",
    "persistentDisposition", "readPoint", "bizLocation",
)  # fmt: skip
_ORDERS = {
    "event": (*_BUSINESS, "bizTransactionList", "sourceList", "destinationList", "sensorElementList", "ilmd"),
    "until 2025": (
        "certificationInfo", *_BUSINESS, "sensorElementList", "bizTransactionList", "destinationList", "sourceList",
        "ilmd",
    ),
    "sensorElement": ("sensorMetadata", "sensorReport"),
    "sensorMetadata": (
        "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
    ),
    "sensorReport": (
        "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
        "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
        "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
        "bizRules",
    ),
    "quantityElement": ("epcClass", "quantity", "uom"),
    "place": ("id",),
    "extension": (),
}  # fmt: skip
_HEAD = {"type", "eventTime", "eventTimeZoneOffset"}
_UNHASHED = {"certificationInfo", "eventID", "recordTime", "errorDeclaration"}
_LEFT_OUT = {"event": _HEAD | _UNHASHED, "until 2025": _HEAD | _UNHASHED}
_CBV_KIND = {"bizStep": "BizStep", "disposition": "Disp", "set": "Disp", "unset": "Disp", "component": "Comp"}
_TIMES = {"time", "startTime", "endTime"}
_READ_BY_NAME = {"type", "exception", *_CBV_KIND, *_TIMES}
_TYPED = {
    "bizTransactionList": ("bizTransaction", "BTT"),
    "sourceList": ("source", "SDT"),
    "destinationList": ("destination", "SDT"),
}
_COMMENTS = {"comment", f"{{{cbv.PREFIXES['rdfs']}}}comment"}


def event_id(submitted: epcis.Submitted, version: str = "CBV2.0") -> str:
    """The event's hash as an RFC 6920 name: ``ni:///sha-256;…?ver=CBV2.0``. ``version`` is one of ``VERSIONS``."""
    hashed = sha256(pre_hash(submitted, version).encode()).hexdigest()
    return f"ni:///sha-256;{hashed}?ver={VERSIONS[version].suffix}"


def pre_hash(submitted: epcis.Submitted, version: str = "CBV2.0") -> str:
    """The string that is hashed: names and normalised values in the standard's order, without separators."""
    return _Told(submitted, VERSIONS[version]).text()


class _Told:
    """One event, told by the rules of one version."""

    def __init__(self, submitted: epcis.Submitted, rules: Rules) -> None:
        self.submitted, self.event, self.rules = submitted, submitted.event, rules
        self.prefixes: dict[str, str] = {}
        self.later: list[str] = []
        """Extensions of standard fields that a version keeps for the end."""

    def text(self) -> str:
        event = self.event
        known, others = _parted(self.rules.order, event)
        parts = [
            f"eventType={event['type']}eventTime={_time(event['eventTime'])}"
            f"eventTimeZoneOffset={event['eventTimeZoneOffset']}"
        ]
        parts += [_TOLD.get(name, _Told.field)(self, name, event[name]) for name in known]
        return "".join(parts + self.later) + self.extensions(event, others)

    # The standard's own fields

    def field(self, name: str, value: Any) -> str:
        """Name and value, where there is one."""
        text = self.value(name, value)
        return f"{name}={text}" if text else ""

    def each(self, name: str, values: Any) -> list[str]:
        """Name and value of each that is not empty, in order."""
        return sorted([text for text in [self.field(name, value) for value in values] if text])

    def certification(self, name: str, value: Any) -> str:
        return "".join(self.each(name, _list(value)))

    def epcs(self, name: str, epcs: Any) -> str:
        return _listed(name, self.each("epc", epcs))

    def quantities(self, name: str, elements: Any) -> str:
        told = [self.element("quantityElement", element)[0] for element in elements]
        return _listed(name, sorted([f"quantityElement{text}" for text in told if text]))

    def dispositions(self, name: str, told: Any) -> str:
        return _listed(name, self.each("set", told.get("set", ())) + self.each("unset", told.get("unset", ())))

    def place(self, name: str, place: Any) -> str:
        own, extensions = self.element("place", place)
        here, later = self.extended(name, extensions)
        self.later.append(later)
        return name + own + here

    def typed(self, name: str, entries: Any) -> str:
        item, kind = _TYPED[name]
        told = [
            (f"type={self.term(kind, entry['type'])}" if entry.get("type") else "") + self.field(item, entry[item])
            for entry in entries
        ]
        return _listed(name, sorted(filter(None, told)))

    def sensors(self, name: str, elements: Any) -> str:
        told = sorted([self.sensor(element) for element in elements])
        self.later += [later for _, later in told]
        return _listed(name if self.rules.listed else "", [text for text, _ in told])

    def sensor(self, element: Mapping[str, Any]) -> tuple[str, str]:
        """What one element says where it stands, and what it says at the end."""
        metadata, extensions = self.element("sensorMetadata", element.get("sensorMetadata", {}))
        about, about_later = self.extended("sensorMetadata", extensions)
        reports = sorted([self.report(report) for report in element.get("sensorReport", ())])
        own, own_later = self.extended("", self.extensions(element, _parted("sensorElement", element)[1]))
        later = about_later + "".join(sorted([later for _, later in reports])) + own_later
        here = f"sensorMetadata{metadata}{about}" if metadata or about else ""
        here += "".join([text for text, _ in reports]) + own
        return f"sensorElement{here}", f"sensorElement{later}" if later else ""

    def report(self, report: Mapping[str, Any]) -> tuple[str, str]:
        own, extensions = self.element("sensorReport", report)
        here, later = self.extended("sensorReport", extensions)
        return f"sensorReport{own}{here}", later

    def element(self, kind: str, element: Mapping[str, Any]) -> tuple[str, str]:
        """A part of an event: its own fields in their order, and its extensions."""
        known, others = _parted(kind, element)
        own = "".join([self.field(name, element[name]) for name in known])
        return own, self.extensions(element, others) if others else ""

    def extended(self, name: str, extensions: str) -> tuple[str, str]:
        """A standard field's extensions: those told within it, or those told at the end behind its name."""
        return (extensions, "") if self.rules.within or not extensions else ("", name + extensions)

    def value(self, name: str, value: Any) -> str:
        if name in _READ_BY_NAME and value and isinstance(value, str):
            if name in _TIMES:
                return _time(value)
            if name in _CBV_KIND:
                return self.term(_CBV_KIND[name], value)
            value = cbv.measured(value.strip())
            return self.plain(value) if ":" in value else self.rules.vocabulary + value
        return self.plain(value)

    def term(self, kind: str, value: str) -> str:
        term = cbv.term(kind, value.strip())
        return term if term.startswith(cbv.WEB) else self.plain(term)

    def plain(self, value: Any) -> str:
        if isinstance(value, str):
            return (_remembered if len(value) <= _LONGEST else _normal)(value, self.rules.vocabulary)
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None:
            return ""
        text = jcs.number(float(value))
        return _number(text) if "e" in text else text

    # What is not the standard's

    def ilmd(self, name: str, ilmd: Any) -> str:
        return name + self.extensions(ilmd, tuple(ilmd))

    def extensions(self, element: Mapping[str, Any], names: Iterable[str]) -> str:
        """Elements that are not EPCIS's, by their expanded names, in lexical order."""
        parts: list[str] = []
        for name in names:
            parts += self.extension(name, element[name])
        return "".join(sorted(parts))

    def extension(self, name: str, value: Any) -> list[str]:
        if isinstance(value, list):
            return [part for item in value for part in self.extension(name, item)]
        full = self.expanded(name)
        if value is None or full in _COMMENTS:
            return []
        if isinstance(value, dict):
            return [full + self.extensions(value, _parted("extension", value)[1])]
        text = self.plain(value)
        return [f"{full}={text}" if text else full]

    def expanded(self, name: str) -> str:
        names = self.prefixes = self.prefixes or self.declared()
        prefix, colon, rest = name.partition(":")
        return f"{{{names[prefix]}}}{rest}" if colon and prefix in names else name

    def declared(self) -> dict[str, str]:
        """The prefixes in force and what they mean."""
        names = cbv.PREFIXES | {"cbvmda": self.rules.master_data}
        for entry in [*self.submitted.context, *_list(self.event.get("@context"))]:
            if isinstance(entry, dict):
                names |= {name: meant for name, meant in entry.items() if isinstance(meant, str)}
        return names | {"gs1": self.rules.vocabulary}


_TOLD: dict[str, Callable[[_Told, str, Any], str]] = {
    "certificationInfo": _Told.certification,
    **dict.fromkeys(("epcList", "inputEPCList", "childEPCs", "outputEPCList"), _Told.epcs),
    **dict.fromkeys(("quantityList", "childQuantityList", "inputQuantityList", "outputQuantityList"), _Told.quantities),
    "persistentDisposition": _Told.dispositions,
    "readPoint": _Told.place,
    "bizLocation": _Told.place,
    **dict.fromkeys(_TYPED, _Told.typed),
    "sensorElementList": _Told.sensors,
    "ilmd": _Told.ilmd,
}
"""How a field is told that is more than a name and a value."""


def _parted(kind: str, element: Mapping[str, Any]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Names of the standard's fields in their order, and the others; most elements have names that many have."""
    names = tuple(element)
    return (_parted_names if len(names) <= _FEW else _parted_names.__wrapped__)(kind, names)


@lru_cache(4096)
def _parted_names(kind: str, names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    order = _ORDERS[kind]
    left_out = {"@context", *order, *_LEFT_OUT.get(kind, ())}
    return tuple(name for name in order if name in names), tuple(name for name in names if name not in left_out)


_FEW = 64
_NUMBER = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?(?:[eE]([+-]?[0-9]{1,3}))?")
_LONGEST = 200


def _normal(text: str, vocabulary: str) -> str:
    """A number in its shortest form, a CBV term as web URI, a GS1 key as its finest link; all else as it is."""
    text = text.strip()
    prefix, colon, rest = text.partition(":")
    if not colon:
        return _number(text)
    if prefix in cbv.PREFIXES:
        return (vocabulary if prefix == "gs1" else cbv.PREFIXES[prefix]) + rest
    return cbv.web_uri(text) if text.startswith(cbv.URN) else digital_link.finest(text)


_remembered = lru_cache(8192)(_normal)


def _number(text: str) -> str:
    """Without sign, zeros and exponent that it can do without; what is no number stays."""
    found = _NUMBER.fullmatch(text)
    if found is None or not (found[2] or found[3]):
        return text
    sign, whole, fraction, exponent = found.groups("")
    if exponent:
        return _number(f"{Decimal(text):f}") if abs(int(exponent)) <= _GREATEST else text
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    number = f"{whole}.{fraction}" if fraction else whole
    return f"-{number}" if sign == "-" and number != "0" else number


_GREATEST = 308
"""The greatest exponent of ten a double has."""


def _time(text: str) -> str:
    """UTC to the millisecond, half a millisecond rounded up, in every version."""
    moment = epcis.moment(text) + _HALF
    return f"{moment.isoformat(timespec='milliseconds')[:-6]}Z"


_HALF = timedelta(microseconds=500)


def _listed(name: str, items: list[str]) -> str:
    """A list's name stands once before its items, and not at all without any."""
    return name + "".join(items) if items else ""


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]
