"""EPCIS 2.0 documents and events in JSON: read strictly, validated, and put into the bytes that are committed to.

Source: EPCIS 2.0 (ISO/IEC 19987:2024) and its JSON schema. Pure: no database, no clock, no network.
"""

import copy
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hub.errors import HubError
from hub.gs1 import cbv, jcs

FURROW = {"furrow": "urn:furrow:ns:1:"}
"""Our own names, declared in the context of every event the hub writes itself."""
CONTEXT: list[Any] = ["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld", FURROW]

_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]*")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_OFFSET = re.compile(r"[+-]((0\d|1[0-3]):[0-5]\d|14:00)")
_UOM = re.compile(r"[A-Z0-9]{2,3}")
_MOST_FAULTS = 50


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong: where (a path like ``eventList[2].bizStep``), and what."""

    path: str
    message: str


class InvalidDocument(HubError):
    """The document is not EPCIS 2.0; each error says where."""

    code, status = "epcis-validation", 400

    def __init__(self, faults: list[Fault]) -> None:
        first = faults[0]
        more = f" (and {len(faults) - 1} more)" if len(faults) > 1 else ""
        errors = [{"path": fault.path, "message": fault.message} for fault in faults[:_MOST_FAULTS]]
        super().__init__(f"{first.path}: {first.message}{more}", errors=errors)
        self.faults = faults


class Lined(dict[str, Any]):
    """An event or document that was read from XML: the line it begins on, and what of it could not be read."""

    line: int = 0

    def __init__(self, members: Mapping[str, Any] | None = None) -> None:
        super().__init__(members or {})
        self.faults: list[Fault] = []


@dataclass(frozen=True)
class Submitted:
    """An event as it was sent, the context it stands under, and where it stood in its document."""

    context: list[Any]
    event: dict[str, Any]
    path: str = "event"


def read(document: Any) -> list[Submitted]:
    """The events of an EPCISDocument, an EPCISQueryDocument, or a bare event; refuses what is none of these."""
    if not isinstance(document, dict):
        raise InvalidDocument([Fault("$", "an EPCIS document is a JSON object")])
    faults = list(_context(document.get("@context")))
    if not faults and not any(
        entry in cbv.CONTEXTS for entry in _listed(document["@context"]) if isinstance(entry, str)
    ):
        faults.append(Fault("@context", f"EPCIS's own context is needed, such as {CONTEXT[0]}"))
    kind = document.get("type")
    if kind not in ("EPCISDocument", "EPCISQueryDocument"):
        if faults:
            raise InvalidDocument(faults)
        event = copy.copy(document)
        del event["@context"]
        return [Submitted(_listed(document["@context"]), event)]
    faults += _document(document)
    body = document.get("epcisBody")
    path = "epcisBody.eventList"
    if kind == "EPCISQueryDocument":
        path = "epcisBody.queryResults.resultsBody.eventList"
        for name in ("queryResults", "resultsBody"):
            body = body.get(name) if isinstance(body, dict) else None
    events = body.get("eventList") if isinstance(body, dict) else None
    if not isinstance(events, list):
        faults.append(Fault(path, "a list of events is needed"))
    if faults or not isinstance(events, list):
        raise InvalidDocument(faults)
    context = _listed(document["@context"])
    return [Submitted(context, event, f"{path}[{place}]") for place, event in enumerate(events)]


def validate(submitted: Submitted) -> list[Fault]:
    """Everything wrong with one event; an empty list when it may be captured."""
    event = submitted.event
    return (event.faults if isinstance(event, Lined) else []) or lined(event, _faults(submitted))


def lined(event: Any, faults: list[Fault]) -> list[Fault]:
    """Faults of an event, each with the line that it begins on where it was read from XML."""
    if not isinstance(event, Lined):
        return faults
    return [Fault(fault.path, f"{fault.message} (in the event on line {event.line})") for fault in faults]


def _faults(submitted: Submitted) -> list[Fault]:
    event = submitted.event
    if not isinstance(event, dict):
        return [Fault(submitted.path, "an event is a JSON object")]
    own = event.get("@context")
    faults = list(_context(own)) if own is not None else []
    prefixes = _prefixes([*submitted.context, *_listed(own)])
    kind = event.get("type")
    fields = _EVENTS.get(kind) if isinstance(kind, str) else None
    if fields is None:
        if not isinstance(kind, str) or not _is_extension(kind, prefixes):
            return [*faults, Fault(f"{submitted.path}.type", "is none of EPCIS's five event types")]
        fields = _OF_ANY
    if any(
        isinstance(entry, dict) and entry.items() >= FURROW.items() for entry in [*submitted.context, *_listed(own)]
    ):
        fields = fields | _OURS | (_OUR_ILMD if "ilmd" in fields else {})
    checked = _Checked(prefixes)
    checked.object(event, submitted.path, fields, required=("type", "eventTime", "eventTimeZoneOffset"))
    if not checked.faults:
        checked.faults += [Fault(submitted.path, message) for message in _rules(event)]
    return faults + checked.faults


def payload(submitted: Submitted) -> bytes:
    """What is committed to: the event untouched, under its context, as canonical JSON."""
    whole = {"context": submitted.context, "schemaVersion": "2.0", "event": submitted.event}
    return jcs.canonical(whole)


def opened(payload: bytes) -> Submitted:
    """A payload read back."""
    whole = jcs.parse(payload)
    return Submitted(whole["context"], whole["event"])


def moment(text: str) -> datetime:
    """An event's time in UTC, to the microsecond; figures beyond it are cut off."""
    return datetime.fromisoformat(text).astimezone(UTC)


# Documents


def _document(document: dict[str, Any]) -> Iterator[Fault]:
    prefixes = _prefixes(_listed(document.get("@context")))
    query = document["type"] == "EPCISQueryDocument"
    for name in () if query else ("schemaVersion", "creationDate"):
        if name not in document:
            yield Fault(name, "is needed")
    version = document.get("schemaVersion", "2.0")
    if not isinstance(version, str) or not version.startswith("2."):
        yield Fault("schemaVersion", "is not one of EPCIS 2")
    created = document.get("creationDate")
    if created is not None and not is_time(created):
        yield Fault("creationDate", "is not a date and time with its offset")
    known = {
        "@context",
        "id",
        "type",
        "schemaVersion",
        "creationDate",
        "instanceIdentifier",
        "sender",
        "receiver",
        "epcisHeader",
        "epcisBody",
    }
    for name in document.keys() - known:
        if not _is_extension(name, prefixes):
            yield Fault(name, "is neither EPCIS's nor of a declared prefix")


def _context(context: Any) -> Iterator[Fault]:
    if context is None:
        yield Fault("@context", "is needed")
    for place, entry in enumerate(_listed(context)):
        path = f"@context[{place}]"
        if isinstance(entry, str):
            if entry not in cbv.CONTEXTS:
                yield Fault(path, f"{entry[:100]} is not a context known here, and contexts are never fetched")
        elif not isinstance(entry, dict):
            yield Fault(path, "is neither an address nor an object")
        else:
            for name, meant in entry.items():
                if name in cbv.TERMS and meant != cbv.PREFIXES.get(name):
                    yield Fault(f"{path}.{name}", "is defined and protected by EPCIS's own context")
                if name == "@import":
                    yield Fault(f"{path}.{name}", "contexts are never fetched")


def _prefixes(context: Iterable[Any]) -> set[str]:
    names = set(cbv.PREFIXES)
    for entry in context:
        if isinstance(entry, dict):
            names |= {name for name in entry if not name.startswith("@")}
    return names


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _is_extension(name: str, prefixes: set[str]) -> bool:
    prefix, colon, _ = name.partition(":")
    if not colon:
        return name in prefixes
    return prefix in prefixes or (prefix in ("http", "https", "urn") and bool(_URI.fullmatch(name)))


def is_time(value: Any) -> bool:
    """Whether a value is a date and time with its offset, within the years that can be reckoned with.

    A day at either end of time is left out: what is rounded up there, or told in another zone, is in no year.
    """
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        return False
    try:
        _ = moment(value) - timedelta(days=1), moment(value) + timedelta(days=1)
    except (ValueError, OverflowError):
        return False
    return True


# Events: for each field the check of its value

Check = Callable[["_Checked", Any, str], None]


class _Checked:
    """Walks an event and collects what is wrong with it."""

    def __init__(self, prefixes: set[str]) -> None:
        self.prefixes = prefixes
        self.faults: list[Fault] = []

    def no(self, path: str, message: str) -> None:
        self.faults.append(Fault(path, message))

    def object(
        self,
        value: Any,
        path: str,
        fields: dict[str, Check],
        required: tuple[str, ...] = (),
        closed: bool = False,
    ) -> None:
        if not isinstance(value, dict):
            self.no(path, "is not an object")
            return
        for name in required:
            if name not in value:
                self.no(f"{path}.{name}", "is needed")
        for name, item in value.items():
            check = fields.get(name)
            if check is not None:
                check(self, item, f"{path}.{name}")
            elif closed or not _is_extension(name, self.prefixes):
                self.no(f"{path}.{name}", "is neither EPCIS's nor of a declared prefix")


def _object(fields: dict[str, Check], *required: str, closed: bool = False) -> Check:
    return lambda checked, value, path: checked.object(value, path, fields, required, closed)


def _list(check: Check, least: int = 0, unique: bool = False) -> Check:
    def whole(checked: _Checked, value: Any, path: str) -> None:
        if not isinstance(value, list):
            return checked.no(path, "is not a list")
        if len(value) < least:
            checked.no(path, "is empty")
        if unique and len({str(item) for item in value}) < len(value):
            checked.no(path, "names something twice")
        for place, item in enumerate(value):
            check(checked, item, f"{path}[{place}]")
        return None

    return whole


def _that(holds: Callable[[Any], bool], message: str) -> Check:
    def check(checked: _Checked, value: Any, path: str) -> None:
        if not holds(value):
            checked.no(path, message)

    return check


def _one_of(words: frozenset[str], kind: str = "") -> Check:
    """A word of a vocabulary in whatever form it is written, or somebody else's term as URI."""

    def check(checked: _Checked, value: Any, path: str) -> None:
        if not isinstance(value, str):
            return checked.no(path, "is not text")
        if value in words or (kind and cbv.word(kind, value) in words):
            return None
        if value.startswith(_OF_CBV):
            return checked.no(path, f"{value[:80]} is no term of the Core Business Vocabulary")
        if ":" not in value or not _URI.fullmatch(value):
            return checked.no(path, f"{value[:80]!r} is neither in the vocabulary nor a URI")
        return None

    return check


_OF_CBV = (
    "urn:epcglobal:cbv:",
    "https://ns.gs1.org/cbv/",
    "http://ns.gs1.org/cbv/",
    "https://ref.gs1.org/cbv/",
    "cbv:",
)


def is_uri(value: Any) -> bool:
    """Whether a value is a URI, as it stands in EPCIS."""
    return isinstance(value, str) and _URI.fullmatch(value) is not None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _uri_or_list(checked: _Checked, value: Any, path: str) -> None:
    (_list(_uri) if isinstance(value, list) else _uri)(checked, value, path)


def _anything(_checked: _Checked, _value: Any, _path: str) -> None:
    """Checked elsewhere."""


_uri = _that(is_uri, "is not a URI")
_time = _that(is_time, "is not a date and time with its offset, like 2026-11-24T06:40:00+08:00")
_number = _that(_is_number, "is not a number")
_text = _that(lambda value: isinstance(value, str), "is not text")
_uom = _that(lambda v: isinstance(v, str) and bool(_UOM.fullmatch(v)), "is not a UN/ECE Recommendation 20 unit code")
_action = _that(lambda value: value in ("ADD", "OBSERVE", "DELETE"), "is none of ADD, OBSERVE and DELETE")
_offset = _that(lambda v: isinstance(v, str) and bool(_OFFSET.fullmatch(v)), "is not an offset like +08:00")
_step = _one_of(cbv.BIZ_STEPS, "BizStep")
_disposition = _one_of(cbv.DISPOSITIONS, "Disp")
_place = _object({"id": _uri}, "id")
_quantity_element = _object(
    {
        "epcClass": _uri,
        "quantity": _that(lambda v: _is_number(v) and v >= 0, "is not a number of 0 or more"),
        "uom": _uom,
    },
    "epcClass",
    closed=True,
)
_quantities = _list(_quantity_element)
_transaction = _object(
    {"type": _one_of(cbv.TRANSACTION_TYPES, "BTT"), "bizTransaction": _uri}, "bizTransaction", closed=True
)
_end_type = _one_of(cbv.PARTY_TYPES, "SDT")
DEVICE: dict[str, Check] = dict.fromkeys(
    ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), _uri
)
SAID_ONCE = ("time", "deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")
"""What stands in a sensor's metadata or in its reports."""
_metadata = _object({"time": _time, "startTime": _time, "endTime": _time, **DEVICE})
_report = _object(
    {
        "type": _one_of(cbv.MEASUREMENTS),
        "exception": _one_of(cbv.ALERTS),
        "time": _time,
        **DEVICE,
        **dict.fromkeys(("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), _uri),
        **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), _number),
        "component": _one_of(cbv.COMPONENTS, "Comp"),
        "stringValue": _text,
        "booleanValue": _that(lambda value: isinstance(value, bool), "is neither true nor false"),
        "hexBinaryValue": _that(
            lambda v: isinstance(v, str) and bool(re.fullmatch(r"[0-9A-Fa-f]+", v)), "is not hexadecimal"
        ),
        "uom": _text,
    },
    "type",
)
_sensors = _list(_object({"sensorMetadata": _metadata, "sensorReport": _list(_report, 1)}, "sensorReport"))
_epcs = _list(_uri)
_distinct_epcs = _list(_uri, unique=True)
_dispositions = _list(_disposition, 1, unique=True)

_COMMON: dict[str, Check] = {
    "@context": _anything,
    "type": _text,
    "eventTime": _time,
    "recordTime": _time,
    "eventTimeZoneOffset": _offset,
    "eventID": _uri,
    "certificationInfo": _uri_or_list,
    "errorDeclaration": _object(
        {
            "declarationTime": _time,
            "reason": _one_of(cbv.ERROR_REASONS, "ER"),
            "correctiveEventIDs": _list(_uri),
        },
        "declarationTime",
    ),
}
_BUSINESS: dict[str, Check] = {
    **_COMMON,
    "bizStep": _step,
    "disposition": _disposition,
    "readPoint": _place,
    "bizLocation": _place,
    "bizTransactionList": _list(_transaction),
    "sourceList": _list(_object({"type": _end_type, "source": _uri}, "type", "source", closed=True)),
    "destinationList": _list(_object({"type": _end_type, "destination": _uri}, "type", "destination", closed=True)),
    "sensorElementList": _sensors,
    "persistentDisposition": _object({"set": _dispositions, "unset": _dispositions}, closed=True),
}
"""A persistent disposition GS1's XSD has in all five events, its JSON schema in two: what either lets pass is taken."""
_ILMD: dict[str, Check] = {"ilmd": _object({})}
_CHILDREN: dict[str, Check] = {
    "action": _action, "parentID": _uri, "childEPCs": _epcs, "childQuantityList": _quantities,
}  # fmt: skip
_EVENTS: dict[str, dict[str, Check]] = {
    "ObjectEvent": _BUSINESS | _ILMD | {"action": _action, "epcList": _distinct_epcs, "quantityList": _quantities},
    "AggregationEvent": _BUSINESS | _CHILDREN,
    "AssociationEvent": _BUSINESS | _CHILDREN,
    "TransactionEvent": _BUSINESS
    | {"action": _action, "parentID": _uri, "epcList": _epcs, "quantityList": _quantities},
    "TransformationEvent": _BUSINESS
    | _ILMD
    | {
        "transformationID": _uri,
        **dict.fromkeys(("inputEPCList", "outputEPCList"), _distinct_epcs),
        **dict.fromkeys(("inputQuantityList", "outputQuantityList"), _quantities),
    },
}
_OF_ANY: dict[str, Check] = {name: check for fields in _EVENTS.values() for name, check in fields.items()}
"""For an event of somebody's own type, whose meaning is not ours: each of EPCIS's fields keeps its form."""


# Our own names, where the context declares them

_hash = _that(
    lambda v: isinstance(v, str) and bool(re.fullmatch(r"0x[0-9a-f]{64}", v)),
    "is not 0x and 64 lower-case hexadecimal digits",
)
_count = _that(lambda v: _is_number(v) and v >= 0 and v == int(v), "is not a whole number of 0 or more")
_amount = _object({"value": _number, "uom": _text}, "value", "uom")
_result = _object(
    {
        "furrow:substanceZh": _text,
        "furrow:substanceEn": _text,
        "furrow:limit": _that(lambda v: _is_number(v) and v > 0, "is not a number above 0"),
        "furrow:found": _that(lambda v: _is_number(v) and v >= 0, "is not a number of 0 or more"),
    },
    "furrow:substanceZh", "furrow:substanceEn", "furrow:limit",
)  # fmt: skip


def _said(checked: _Checked, value: Any, path: str) -> None:
    checked.object(value, path, dict.fromkeys(value, _text) if isinstance(value, dict) else {})


_OURS: dict[str, Check] = {
    "furrow:test": _object(
        {
            **dict.fromkeys(("furrow:laboratory", "furrow:report", "furrow:standard"), _text),
            "furrow:results": _list(_result),
            "furrow:file": _hash,
        },
        "furrow:laboratory", "furrow:report", "furrow:standard", "furrow:results",
    ),
    "furrow:protection": _object(
        {
            **dict.fromkeys(("furrow:product", "furrow:substance"), _text),
            "furrow:dose": _amount,
            "furrow:intervalDays": _count,
            "furrow:file": _hash,
        },
        "furrow:product", "furrow:substance", "furrow:intervalDays",
    ),
    "furrow:area": _amount,
    "furrow:cases": _number,
    "furrow:handoverOf": _hash,
    "furrow:inputLots": _list(_hash),
    "furrow:masterData": _object(
        {
            "furrow:kind": _text,
            "furrow:attributes": _said,
            **dict.fromkeys(("furrow:validFrom", "furrow:validTo"), _time),
        },
        "furrow:kind", "furrow:attributes", "furrow:validFrom",
    ),
}  # fmt: skip
_OUR_ILMD: dict[str, Check] = {"ilmd": _object({"furrow:lotSalt": _hash})}


def _rules(event: dict[str, Any]) -> Iterator[str]:
    """What the standard asks beyond the form of each field."""
    kind = event["type"]
    if kind != "TransformationEvent" and kind in _EVENTS and "action" not in event:
        yield "action is needed"
    if kind == "ObjectEvent":
        named = event.get("epcList") or event.get("quantityList")
        if not named and not (event.get("sensorElementList") and "readPoint" in event):
            yield "an ObjectEvent names objects, or has sensor readings with a read point"
        if "ilmd" in event and event.get("action") != "ADD":
            yield "ilmd belongs to objects that begin: only with action ADD"
    if kind in ("AggregationEvent", "AssociationEvent"):
        children = event.get("childEPCs") or event.get("childQuantityList")
        if not children and event.get("action") != "DELETE":
            yield "children are needed, unless the action is DELETE"
        if "parentID" not in event and (kind == "AssociationEvent" or event.get("action") != "OBSERVE"):
            yield "parentID is needed"
    if kind == "TransactionEvent":
        if not event.get("bizTransactionList"):
            yield "bizTransactionList is needed"
        if not event.get("epcList") and not event.get("quantityList") and event.get("action") != "DELETE":
            yield "a TransactionEvent names objects, unless the action is DELETE"
    if kind == "TransformationEvent":
        put_in, came_out = (
            any(event.get(f"{side}{what}") for what in ("EPCList", "QuantityList")) for side in ("input", "output")
        )
        if not (put_in and came_out) and not ("transformationID" in event and (put_in or came_out)):
            yield "inputs and outputs are needed, or a transformationID that joins several events"
    if "persistentDisposition" in event and not event["persistentDisposition"]:
        yield "persistentDisposition sets or unsets something"
    if "errorDeclaration" not in event:  # what was taken before it was refused can be declared wrong
        yield from _said_twice(event)


def _said_twice(event: dict[str, Any]) -> Iterator[str]:
    """What stands in a sensor's metadata holds for all its reports, and may not stand in these too (7.3.7.1)."""
    for place, element in enumerate(event.get("sensorElementList", [])):
        metadata = element.get("sensorMetadata", {})
        for name in SAID_ONCE:
            if name in metadata and any(name in report for report in element["sensorReport"]):
                yield f"sensorElementList[{place}] says {name} in its metadata and again in a report"
