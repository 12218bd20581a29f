"""The CBV event hash: an eventID that follows from what the event says, whatever form it is written in.

Serves to find the same event again and to name events that came without an eventID. It is never the
commitment: it is unsalted, and cannot tell apart all that a signature must. Source: CBV 2.0, section 8.9, the draft
of CBV 2.1, and the reference generator where they are silent (docs/decisions/0031).
"""

import re
from collections.abc import Iterable, Mapping
from datetime import timedelta
from decimal import Decimal
from functools import cached_property, lru_cache
from hashlib import sha256
from typing import Any, NamedTuple

from hub.gs1 import cbv, digital_link, epcis, jcs


class Rules(NamedTuple):
    """In what the versions of the algorithm differ."""

    suffix: str
    certified: bool = False
    """certificationInfo is hashed, behind the offset."""
    listed: bool = True
    """The name sensorElementList stands before its elements, as every list's name does."""
    within: bool = True
    """Extensions of a standard field follow its own fields; else all of them stand behind the ilmd."""
    sensors_first: bool = False
    """Sensors stand before the business transactions, and destinations before sources."""
    vocabulary: str = "https://ref.gs1.org/voc/"
    master_data: str = "urn:epcglobal:cbv:mda"
    """The name space of cbvmda where the context does not declare it."""


VERSIONS = {
    "CBV2.0": Rules(
        "CBV2.0",
        certified=True,
        sensors_first=True,
        vocabulary=cbv.PREFIXES["gs1"],
        master_data=cbv.PREFIXES["cbvmda"],
    ),
    "CBV2.0-2026": Rules("CBV2.0", listed=False, within=False),
    "CBV2.1": Rules("CBV2.1"),
}
"""CBV2.0 is what the reference gave until 2025, and what names the events that are stored; in 2026 it took back
three of its readings under the same suffix."""

_SENSOR_METADATA = (
    "time", "startTime", "endTime", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules",
)  # fmt: skip
_SENSOR_REPORT = (
    "type", "exception", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "time", "microorganism",
    "chemicalSubstance", "value", "component", "stringValue", "booleanValue", "hexBinaryValue", "uriValue",
    "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue", "uom", "coordinateReferenceSystem",
    "bizRules",
)  # fmt: skip
_QUANTITY = ("epcClass", "quantity", "uom")
_OF_METADATA, _OF_REPORT = frozenset(_SENSOR_METADATA), frozenset(_SENSOR_REPORT)
_OF_ELEMENT, _OF_PLACE = frozenset({"sensorMetadata", "sensorReport"}), frozenset({"id"})
_NOTHING: frozenset[str] = frozenset()
_CBV_KIND = {"bizStep": "BizStep", "disposition": "Disp", "set": "Disp", "unset": "Disp", "component": "Comp"}
_TIMES = {"time", "startTime", "endTime"}
_READ_BY_NAME = {"type", "exception", *_CBV_KIND, *_TIMES}
_NAMED = frozenset({
    "epcList", "parentID", "inputEPCList", "childEPCs", "quantityList", "childQuantityList", "inputQuantityList",
    "outputEPCList", "outputQuantityList", "action", "transformationID", "bizStep", "disposition",
    "persistentDisposition", "readPoint", "bizLocation", "bizTransactionList", "sourceList", "destinationList",
    "sensorElementList", "ilmd", "eventTime", "eventTimeZoneOffset", "type", "eventID", "recordTime",
    "errorDeclaration", "@context", "certificationInfo",
})  # fmt: skip
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
        self.later: list[str] = []
        """Extensions of standard fields that a version keeps for the end."""

    def text(self) -> str:
        event = self.event
        parts = [
            f"eventType={event['type']}eventTime={_time(event['eventTime'])}"
            f"eventTimeZoneOffset={event['eventTimeZoneOffset']}"
        ]
        if self.rules.certified and "certificationInfo" in event:
            parts += self.told("certificationInfo", _list(event["certificationInfo"]))
        parts += self.epcs("epcList"), self.field("parentID", event), self.epcs("inputEPCList"), self.epcs("childEPCs")
        parts += [self.quantities(name) for name in ("quantityList", "childQuantityList", "inputQuantityList")]
        parts += self.epcs("outputEPCList"), self.quantities("outputQuantityList")
        parts += [self.field(name, event) for name in ("action", "transformationID", "bizStep", "disposition")]
        parts += self.dispositions(), self.place("readPoint"), self.place("bizLocation")
        transactions = self.typed("bizTransactionList", "bizTransaction", "BTT")
        sources = self.typed("sourceList", "source", "SDT")
        destinations = self.typed("destinationList", "destination", "SDT")
        if self.rules.sensors_first:
            parts += self.sensors(), transactions, destinations, sources
        else:
            parts += transactions, sources, destinations, self.sensors()
        if "ilmd" in event:
            parts += "ilmd", self.extensions(event["ilmd"], _NOTHING)
        return "".join(parts + self.later) + self.extensions(event, _NAMED)

    # The standard's own fields

    def field(self, name: str, element: Mapping[str, Any]) -> str:
        """Name and value of a field that is there and not empty."""
        text = self.value(name, element[name]) if name in element else ""
        return f"{name}={text}" if text else ""

    def told(self, name: str, values: Iterable[Any]) -> list[str]:
        """Name and value of each that is not empty, in order."""
        return sorted([f"{name}={text}" for text in [self.value(name, value) for value in values] if text])

    def epcs(self, name: str) -> str:
        return _listed(name, self.told("epc", self.event[name])) if name in self.event else ""

    def quantities(self, name: str) -> str:
        if name not in self.event:
            return ""
        elements = [self.element(element, _QUANTITY) for element in self.event[name]]
        return _listed(name, sorted("quantityElement" + text for text in elements if text))

    def dispositions(self) -> str:
        if "persistentDisposition" not in self.event:
            return ""
        told = self.event["persistentDisposition"]
        values = self.told("set", told.get("set", ())) + self.told("unset", told.get("unset", ()))
        return _listed("persistentDisposition", values)

    def place(self, name: str) -> str:
        if name not in self.event:
            return ""
        place = self.event[name]
        here, later = self.extended(name, place, _OF_PLACE)
        self.later.append(later)
        return name + self.field("id", place) + here

    def typed(self, name: str, item: str, kind: str) -> str:
        if name not in self.event:
            return ""
        entries = [
            (f"type={self.term(kind, entry['type'])}" if entry.get("type") else "") + self.field(item, entry)
            for entry in self.event[name]
        ]
        return _listed(name, sorted(filter(None, entries)))

    def sensors(self) -> str:
        if "sensorElementList" not in self.event:
            return ""
        told = sorted(map(self.sensor, self.event["sensorElementList"]))
        self.later += [later for _, later in told]
        return _listed("sensorElementList" if self.rules.listed else "", [text for text, _ in told])

    def sensor(self, element: Mapping[str, Any]) -> tuple[str, str]:
        """What one element says where it stands, and what it says at the end."""
        metadata = element.get("sensorMetadata", {})
        about, about_later = self.extended("sensorMetadata", metadata, _OF_METADATA)
        about = self.element(metadata, _SENSOR_METADATA) + about
        reports = sorted(map(self.report, element.get("sensorReport", ())))
        own, own_later = self.extended("", element, _OF_ELEMENT)
        later = about_later + "".join(sorted(later for _, later in reports)) + own_later
        here = ("sensorMetadata" + about if about else "") + "".join(text for text, _ in reports) + own
        return "sensorElement" + here, "sensorElement" + later if later else ""

    def report(self, report: Mapping[str, Any]) -> tuple[str, str]:
        here, later = self.extended("sensorReport", report, _OF_REPORT)
        return "sensorReport" + self.element(report, _SENSOR_REPORT) + here, later

    def element(self, element: Mapping[str, Any], order: tuple[str, ...]) -> str:
        return "".join([self.field(name, element) for name in order if name in element])

    def extended(self, name: str, field: Mapping[str, Any], known: frozenset[str]) -> tuple[str, str]:
        """A standard field's extensions: those told within it, or those told at the end behind its name."""
        extensions = self.extensions(field, known)
        return (extensions, "") if self.rules.within or not extensions else ("", name + extensions)

    def value(self, name: str, value: Any) -> str:
        if name in _READ_BY_NAME and isinstance(value, str) and value:
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

    # What is not the standard's

    def extensions(self, element: Mapping[str, Any], known: frozenset[str]) -> str:
        """Elements that are not EPCIS's, by their expanded names, in lexical order."""
        if element.keys() <= known:
            return ""
        parts = [part for name, value in element.items() if name not in known for part in self.extension(name, value)]
        return "".join(sorted(parts))

    def extension(self, name: str, value: Any) -> list[str]:
        if isinstance(value, list):
            return [part for item in value for part in self.extension(name, item)]
        full = self.expanded(name)
        if value is None or full in _COMMENTS:
            return []
        if isinstance(value, dict):
            return [full + self.extensions(value, _CONTEXT)]
        text = self.plain(value)
        return [f"{full}={text}" if text else full]

    def expanded(self, name: str) -> str:
        prefix, colon, rest = name.partition(":")
        return f"{{{self.names[prefix]}}}{rest}" if colon and prefix in self.names else name

    @cached_property
    def names(self) -> dict[str, str]:
        """The prefixes in force and what they mean; few events need them."""
        names = cbv.PREFIXES | {"cbvmda": self.rules.master_data}
        for entry in [*self.submitted.context, *_list(self.event.get("@context"))]:
            if isinstance(entry, dict):
                names |= {name: meant for name, meant in entry.items() if isinstance(meant, str)}
        return names | {"gs1": self.rules.vocabulary}

    def plain(self, value: Any) -> str:
        if isinstance(value, str):
            return (_remembered if len(value) <= _LONGEST else _normal)(value, self.rules.vocabulary)
        if isinstance(value, bool):
            return "true" if value else "false"
        if value is None:
            return ""
        text = jcs.number(float(value))
        return _number(text) if "e" in text else text


_CONTEXT = frozenset({"@context"})
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
