"""EPCIS's query language, as what must hold of an event: each parameter of openapi and of query-schema.json. Pure.

A parameter is a name and its values, of which one must hold; all parameters must. Source: ISO/IEC 19987:2024, 8.2.7.
"""

import math
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from hub.errors import HubError
from hub.gs1 import cbv, digital_link, epcis, reading, units, vocabularies

Event = Mapping[str, Any]
Test = Callable[[Event], bool]


class QueryParameterInvalid(HubError):
    """This parameter is unknown here, or its value cannot be read."""

    code, status, epcis = "query-parameter", 400, "QueryParameterException"


CONTROLS = frozenset(
    {"perPage", "nextPageToken", "orderBy", "orderDirection", "eventCountLimit", "maxEventCount"},
)
"""What says how events are answered, not which."""
STORED = frozenset({"eventType", "EQ_eventID", "GE_eventTime", "LT_eventTime", "GE_recordTime", "LT_recordTime"})
"""What is asked of the row that holds an event, and not of what the event says."""
_COMPARED: dict[str, Callable[[Any, Any], bool]] = {
    "EQ": lambda said, asked: said == asked,
    "GT": lambda said, asked: said > asked,
    "GE": lambda said, asked: said >= asked,
    "LT": lambda said, asked: said < asked,
    "LE": lambda said, asked: said <= asked,
}
_EXTENSION = r"[a-z][a-zA-Z0-9]*:\w+"


Kept = Mapping[str, Collection[str]]
"""What the asker's own master data answers each parameter that asks for it: the elements meant, as canonical links."""


def tests(parameters: Mapping[str, str], kept: Kept | None = None) -> list[Test]:
    """What must hold of an event, one test a parameter; refuses what is no parameter and values that cannot be read."""
    return [
        _test(name, value, (kept or {}).get(name, ()))
        for name, value in parameters.items()
        if name not in CONTROLS and name not in STORED
    ]


def matched(name: str) -> tuple[str, ...]:
    """The parts of events (``hub.gs1.reading.objects``) that a MATCH_ parameter looks into; empty for all others."""
    return _MATCHED.get(name, ((), False))[0]


def values_of(value: str) -> list[str]:
    """The values of a parameter, of which one must hold."""
    return [part for part in value.split("|") if part]


def moment(name: str, value: str) -> datetime:
    """A moment of xsd:dateTimeStamp: with its offset, and within what can be kept."""
    if not epcis.is_time(value):
        hint = " (a + in an address is written %2B)" if " " in value else ""
        raise QueryParameterInvalid(
            f"{name} is a date and time with its offset, such as 2026-11-24T06:40:00+08:00{hint}", parameter=name
        )
    return epcis.moment(value)


def _test(name: str, value: str, elements: Collection[str]) -> Test:
    if name in WITHIN:
        return _within(name, value, elements)
    if name in _FIXED:
        return _FIXED[name](name, value)
    if asked := described(name, value):
        return _described(asked, elements)
    for pattern, make in _PATTERNS:
        found = pattern.fullmatch(name)
        if found:
            return make(_Asked(name, found.groupdict(), value))
    raise unknown(name)


def unknown(name: str) -> QueryParameterInvalid:
    """That there is no such parameter, and which may be meant."""
    meant = get_close_matches(name, [*_FIXED, *WITHIN, *CONTROLS, *STORED], 1, 0.75)
    hint = f"; {meant[0]} may be meant" if meant else ""
    return QueryParameterInvalid(f"{name[:80]} is not a parameter here{hint}", parameter=name[:80])


# What stands once in an event


Fixed = Callable[[str, str], Test]


def _words(kind: str, said: Callable[[Event], Iterable[Any]]) -> Fixed:
    """Terms of the Core Business Vocabulary, in whatever form."""

    def make(_name: str, value: str) -> Test:
        asked = {cbv.word(kind, word) for word in values_of(value)}
        return lambda event: any(isinstance(word, str) and cbv.word(kind, word) in asked for word in said(event))

    return make


def _texts(said: Callable[[Event], Iterable[Any]]) -> Fixed:
    """Texts and identifiers: letter by letter, or as one canonical link."""

    def make(_name: str, value: str) -> Test:
        asked = {digital_link.canonical(text) for text in values_of(value)}
        return lambda event: any(
            isinstance(text, str) and digital_link.canonical(text) in asked for text in said(event)
        )

    return make


def _yes_or_no(said: Callable[[Event], Iterable[Any]]) -> Fixed:
    def make(name: str, value: str) -> Test:
        asked = _boolean(name, value)
        return lambda event: any(given is asked for given in said(event))

    return make


def _exists(said: Callable[[Event], Iterable[Any]]) -> Fixed:
    def make(name: str, value: str) -> Test:
        asked = _boolean(name, value)
        return lambda event: any(True for _ in said(event)) is asked

    return make


def _times(said: Callable[[Event], Iterable[Any]]) -> Fixed:
    def make(name: str, value: str) -> Test:
        holds, asked = _COMPARED[name[:2]], moment(name, value)
        return lambda event: any(epcis.is_time(time) and holds(epcis.moment(time), asked) for time in said(event))

    return make


def _amounts(said: Callable[[Event], Iterable[Any]]) -> Fixed:
    def make(name: str, value: str) -> Test:
        operator, asked = name[:2], _number(name, value)
        return lambda event: any(_holds(operator, amount, asked) for amount in said(event))

    return make


def _boolean(name: str, value: str) -> bool:
    if value not in ("true", "false"):
        raise QueryParameterInvalid(f"{name} is true or false", parameter=name)
    return value == "true"


def _number(name: str, value: str) -> float:
    try:
        asked = float(value)
    except ValueError:
        asked = math.nan
    if not math.isfinite(asked):
        raise QueryParameterInvalid(f"{name} is a number, not {value[:40]!r}", parameter=name)
    return asked


def _holds(operator: str, said: Any, asked: float) -> bool:
    """Compare numbers; what became a little otherwise by being told in another unit is the same."""
    amount = reading.number(said)
    if amount is None:
        return False
    if operator in ("EQ", "GE", "LE") and math.isclose(amount, asked, rel_tol=1e-9, abs_tol=1e-12):
        return True
    if operator in ("GT", "LT") and math.isclose(amount, asked, rel_tol=1e-9, abs_tol=1e-12):
        return False
    return _COMPARED[operator](amount, asked)


def _member(*path: str) -> Callable[[Event], Iterator[Any]]:
    """What stands under a path of names, each member of lists on the way by itself."""

    def said(event: Any) -> Iterator[Any]:
        found = [event]
        for name in path:
            found = [one for given in found for one in reading.listed(reading.member(given, name))]
        return iter(found)

    return said


def _sensor(name: str, *, metadata: bool = False) -> Callable[[Event], Iterator[Any]]:
    """What sensor reports say under a name, and where it may stand there too their metadata."""
    reports = _member("sensorElementList", "sensorReport", name)
    whole = _member("sensorElementList", "sensorMetadata", name)

    def said(event: Event) -> Iterator[Any]:
        yield from reports(event)
        if metadata:
            yield from whole(event)

    return said


def _measured(_name: str, value: str) -> Test:
    """What was measured: a word of GS1's, bare or with its prefix."""
    asked = {cbv.measured(kind) for kind in values_of(value)}
    said = _sensor("type")
    return lambda event: any(isinstance(kind, str) and cbv.measured(kind) in asked for kind in said(event))


def _quantities(event: Event) -> Iterator[float | None]:
    return (quantity.amount for quantity in reading.quantities(event))


# MATCH_: identifiers, their classes, and patterns of them


_MATCHED: dict[str, tuple[tuple[str, ...], bool]] = {
    "MATCH_epc": (("epc", "child"), False),
    "MATCH_parentID": (("parent",), False),
    "MATCH_inputEPC": (("input",), False),
    "MATCH_outputEPC": (("output",), False),
    "MATCH_anyEPC": (("epc", "child", "parent", "input", "output"), False),
    "MATCH_epcClass": (("epc", "child"), True),
    "MATCH_inputEPCClass": (("input",), True),
    "MATCH_outputEPCClass": (("output",), True),
    "MATCH_anyEPCClass": (("epc", "child", "input", "output"), True),
}
"""The parts that each looks into, and whether it asks for classes, with their quantities, or for instances."""


def _match(name: str, value: str) -> Test:
    parts, of_classes = _MATCHED[name]
    asked = [_pattern(name, text) for text in values_of(value)]
    named = _classes if of_classes else reading.instances
    return lambda event: any(part in parts and any(pattern(link) for pattern in asked) for part, link in named(event))


def _classes(event: Event) -> list[tuple[str, str]]:
    return [(quantity.part, quantity.link) for quantity in reading.quantities(event)]


def _pattern(name: str, text: str) -> Callable[[str], bool]:
    """Whether a canonical link is the one that was asked for, lies below it, or is one of a pattern's."""
    link = digital_link.canonical(text)
    if link != text or "*" not in text:
        return lambda given: given == link or given.startswith(link + "/")
    scheme, _, rest = text.removeprefix("urn:epc:idpat:").partition(":")
    prefix, *others = rest.split(".")
    if not text.startswith("urn:epc:idpat:") or scheme not in _CODES or not prefix.isdecimal() or set(others) != {"*"}:
        raise QueryParameterInvalid(
            f"{name} is an identifier, a class, or a pattern such as urn:epc:idpat:sgtin:0614141.*.*", parameter=name
        )
    expression = re.compile(re.escape(digital_link.ROOT) + _CODES[scheme].format(prefix=prefix) + r"(/.*)?")
    return lambda given: expression.fullmatch(given) is not None


_CODES = {
    "sgtin": r"/01/\d{prefix}\d*",
    "sscc": r"/00/\d{prefix}\d*",
    "sgln": r"/414/{prefix}\d*",
    "grai": r"/8003/0{prefix}.*",
    "giai": r"/8004/{prefix}.*",
    "gdti": r"/253/{prefix}.*",
    "gsrn": r"/8018/{prefix}\d*",
}
"""Where a company's prefix stands in the keys of each scheme."""


WITHIN = {"WD_readPoint": "readPoint", "WD_bizLocation": "bizLocation"}
"""The parameters that ask for a place and all that lies in it, and where an event names the place."""


def _within(name: str, value: str, elements: Collection[str]) -> Test:
    """A place, one below it by its identifier, or one that lies in it by the asker's master data."""
    asked = [_pattern(name, text) for text in values_of(value)]
    said = _member(WITHIN[name], "id")

    def holds(event: Event) -> bool:
        places = [digital_link.canonical(place) for place in said(event) if isinstance(place, str)]
        return any(any(within(place) for within in asked) or lies_in(place, elements) for place in places)

    return holds


def lies_in(link: str, elements: Collection[str]) -> bool:
    """Whether a canonical link is one of some, or lies below one by its identifier, as a lot does below its item."""
    while link not in elements:
        link, slash, _ = link.rpartition("/")
        if not slash:
            return False
    return True


# HASATTR_ and EQATTR_: what the asker's own master data says of what an event names


@dataclass(frozen=True)
class Described:
    """What is asked of master data: of what a field names, one of ``names`` is said; with ``values``, one of these."""

    field: str
    names: Sequence[str]
    values: Sequence[str] | None


def described(name: str, value: str) -> Described | None:
    """What a HASATTR_ or EQATTR_ parameter asks; None for all others.

    The standard's text writes EQATTR_, query-schema.json EQ_ATTR_. A bare attribute is one of CBV's; the field of
    an extension ends at the first underscore of its name.
    """
    found = _OF_MASTER_DATA.fullmatch(name)
    if not found or (not found["attribute"]) is not (found["what"] == "HASATTR"):
        return None
    if found["attribute"]:
        return Described(found["field"], [vocabularies.attribute_name(found["attribute"])], values_of(value))
    if not values_of(value):
        raise QueryParameterInvalid(f"{name} names the attributes of which one is asked for", parameter=name)
    return Described(found["field"], [vocabularies.attribute_name(text) for text in values_of(value)], None)


def _described(asked: Described, elements: Collection[str]) -> Test:
    """What an event names there is one of the elements; of a lot also what is said of its trade item."""
    if asked.field in TERMS:
        kind = TERMS[asked.field]
        words = {cbv.word(kind, element) for element in elements}
        return lambda event: cbv.word(kind, reading.text(event, asked.field)) in words
    said = _NAMED.get(asked.field) or _member(asked.field)
    holds = lies_in if asked.field == "epcClass" else _is_one
    return lambda event: any(
        isinstance(name, str) and holds(digital_link.canonical(name), elements) for name in said(event)
    )


def _is_one(link: str, elements: Collection[str]) -> bool:
    return link in elements


TERMS = {"bizStep": "BizStep", "disposition": "Disp"}
"""The fields whose values are terms of CBV, and their kinds."""
_NAMED: dict[str, Callable[[Event], Iterable[Any]]] = {
    "readPoint": _member("readPoint", "id"),
    "bizLocation": _member("bizLocation", "id"),
    "epcClass": lambda event: (quantity.link for quantity in reading.quantities(event)),
    "bizTransaction": _member("bizTransactionList", "bizTransaction"),
    "source": _member("sourceList", "source"),
    "destination": _member("destinationList", "destination"),
}
"""What an event names in the fields of its own that master data may describe."""
_OF_MASTER_DATA = re.compile(
    rf"(?P<what>HASATTR|EQATTR|EQ_ATTR)_(?P<field>{'|'.join([*TERMS, *_NAMED])}|{_EXTENSION}?)(_(?P<attribute>\S+))?"
)


_FIXED: dict[str, Fixed] = {  # EQ_time, EQ_deviceMetadata and EQ_rawData: TCR-53 step 28, all else query-schema.json
    "EQ_action": _texts(_member("action")),
    "EQ_bizStep": _words("BizStep", _member("bizStep")),
    "EQ_disposition": _words("Disp", _member("disposition")),
    "EQ_persistentDisposition_set": _words("Disp", _member("persistentDisposition", "set")),
    "EQ_persistentDisposition_unset": _words("Disp", _member("persistentDisposition", "unset")),
    "EQ_readPoint": _texts(_member("readPoint", "id")),
    "EQ_bizLocation": _texts(_member("bizLocation", "id")),
    "EQ_transformationID": _texts(_member("transformationID")),
    **dict.fromkeys(_MATCHED, _match),
    **{f"{operator}_quantity": _amounts(_quantities) for operator in _COMPARED},
    "EXISTS_errorDeclaration": _exists(_member("errorDeclaration")),
    "EXISTS_sensorElementList": _exists(_member("sensorElementList")),
    **{
        f"{operator}_{name}": _times(_member("errorDeclaration", "declarationTime"))
        for operator in ("GE", "LT")
        for name in ("errorDeclarationTime", "errorDeclaration_Time")  # openapi's name, and query-schema's
    },
    "EQ_errorReason": _words("ER", _member("errorDeclaration", "reason")),
    "EQ_correctiveEventID": _texts(_member("errorDeclaration", "correctiveEventIDs")),
    **{
        f"{operator}_{name}": _times(_member("sensorElementList", "sensorMetadata", name))
        for operator in ("GE", "LT")
        for name in ("startTime", "endTime")
    },
    **{f"{operator}_time": _times(_sensor("time", metadata=True)) for operator in ("EQ", "GE", "LT")},
    **{f"{operator}_percRank": _amounts(_sensor("percRank")) for operator in ("GT", "GE", "LT", "LE")},
    "EQ_type": _measured,
    "EQ_deviceID": _texts(_sensor("deviceID", metadata=True)),
    "EQ_deviceMetadata": _texts(_sensor("deviceMetadata", metadata=True)),
    "EQ_rawData": _texts(_sensor("rawData", metadata=True)),
    "EQ_dataProcessingMethod": _texts(_sensor("dataProcessingMethod", metadata=True)),
    "EQ_bizRules": _texts(_sensor("bizRules", metadata=True)),
    "EQ_microorganism": _texts(_sensor("microorganism")),
    "EQ_chemicalSubstance": _texts(_sensor("chemicalSubstance")),
    "EQ_stringValue": _texts(_sensor("stringValue")),
    "EQ_hexBinaryValue": _texts(_sensor("hexBinaryValue")),
    "EQ_uriValue": _texts(_sensor("uriValue")),
    "EQ_booleanValue": _yes_or_no(_sensor("booleanValue")),
}


# Families: what is asked for is in the parameter's own name


@dataclass(frozen=True)
class _Asked:
    """A parameter of a family: its name, what its parts are, and its value."""

    name: str
    parts: Mapping[str, str]
    value: str

    @property
    def operator(self) -> str:
        return self.parts["operator"]


def _listed(asked: _Asked) -> Test:
    """A document, source or destination of a kind."""
    name, end, kind = {
        "bizTransaction": ("bizTransactionList", "bizTransaction", "BTT"),
        "source": ("sourceList", "source", "SDT"),
        "destination": ("destinationList", "destination", "SDT"),
    }[asked.parts["list"]]
    wanted = {digital_link.canonical(text) for text in values_of(asked.value)}
    return lambda event: any(
        cbv.word(kind, reading.text(entry, "type")) == asked.parts["kind"]
        and digital_link.canonical(entry[end]) in wanted
        for entry in reading.elements(event, name, end)
    )


def _reported(asked: _Asked) -> Test:
    """A reading of sensors, told in the unit that is asked for."""
    wanted = _number(asked.name, asked.value)

    def holds(event: Event) -> bool:
        for report in _member("sensorElementList", "sensorReport")(event):
            said = reading.number(reading.member(report, asked.parts["field"]))
            if said is None:
                continue
            told = units.told_in(said, reading.text(report, "uom"), asked.parts["unit"])
            if told is not None and _holds(asked.operator, told, wanted):
                return True
        return False

    return holds


def _counted(asked: _Asked) -> Test:
    """A quantity, told in the unit that is asked for."""
    wanted = _number(asked.name, asked.value)

    def holds(event: Event) -> bool:
        for quantity in reading.quantities(event):
            if quantity.amount is None:
                continue
            told = units.told_in(quantity.amount, quantity.unit, asked.parts["unit"])
            if told is not None and _holds(asked.operator, told, wanted):
                return True
        return False

    return holds


_SCOPES: dict[str, Callable[[Event], Iterator[Any]]] = {
    "": _member(),
    "ILMD_": _member("ilmd"),
    "ERROR_DECLARATION_": _member("errorDeclaration"),
    "SENSORELEMENT_": _member("sensorElementList"),
    "SENSORMETADATA_": _member("sensorElementList", "sensorMetadata"),
    "SENSORREPORT_": _member("sensorElementList", "sensorReport"),
    "readPoint_": _member("readPoint"),
    "bizLocation_": _member("bizLocation"),
}
"""Where a family looks for an extension."""


def _extended(asked: _Asked) -> Test:
    """An extension: of the event or of a part of it, or (INNER) somewhere within one of those."""
    scope, name, inner = _SCOPES[asked.parts["scope"]], asked.parts["extension"], bool(asked.parts["inner"])

    def said(event: Event) -> Iterator[Any]:
        for part in scope(event):
            if not inner:
                yield from reading.listed(reading.member(part, name))
            elif isinstance(part, Mapping):
                for key, value in part.items():
                    if ":" in key:
                        yield from _inside(value, name)

    if asked.operator == "EXISTS":
        wanted = _boolean(asked.name, asked.value or "true")
        return lambda event: any(True for _ in said(event)) is wanted
    compare = _plainly(asked)
    return lambda event: any(compare(value) for value in said(event))


def _inside(value: Any, name: str) -> Iterator[Any]:
    """Everything under a name, however deep within an extension."""
    for one in reading.listed(value):
        if isinstance(one, Mapping):
            for key, deeper in one.items():
                if key == name:
                    yield from reading.listed(deeper)
                yield from _inside(deeper, name)


def _plainly(asked: _Asked) -> Callable[[Any], bool]:
    """How an extension's value is compared: as number, as moment, or (EQ) as the text it is."""
    operator, values = asked.operator, values_of(asked.value)
    if operator == "EQ":
        return lambda said: any(same(said, value) for value in values)
    if epcis.is_time(asked.value):
        holds, at = _COMPARED[operator], epcis.moment(asked.value)
        return lambda said: epcis.is_time(said) and holds(epcis.moment(said), at)
    wanted = _number(asked.name, asked.value)
    return lambda said: _holds(operator, _numeric(said), wanted)


def same(said: Any, asked: str) -> bool:
    """Whether a value is what was asked for: a number as number, an identifier in whatever form, all else as it is."""
    if isinstance(said, bool):
        return asked == str(said).lower()
    if isinstance(said, int | float):
        return _numeric(asked) is not None and _holds("EQ", said, _numeric(asked) or 0.0)
    return isinstance(said, str) and (said == asked or digital_link.canonical(said) == digital_link.canonical(asked))


def _numeric(said: Any) -> float | None:
    """A number, though it is written as text."""
    if isinstance(said, str):
        try:
            said = float(said)
        except ValueError:
            return None
    amount = reading.number(said)
    return amount if amount is not None and math.isfinite(amount) else None


_PATTERNS: list[tuple[re.Pattern[str], Callable[[_Asked], Test]]] = [
    (re.compile(r"EQ_(?P<list>bizTransaction|source|destination)_(?P<kind>[a-z][a-zA-Z0-9_]+)"), _listed),
    (
        re.compile(
            r"(?P<operator>EQ|GT|GE|LT|LE)_(?P<field>value|minValue|maxValue|meanValue|sDev|percValue)"
            r"_(?P<unit>[A-Z0-9]{2,4})"
        ),
        _reported,
    ),
    (re.compile(r"(?P<operator>EQ|GT|GE|LT|LE)_quantity_(?P<unit>[A-Z0-9]{2,4})"), _counted),
    (
        re.compile(
            r"(?P<operator>EQ|GT|GE|LT|LE|EXISTS)_(?P<inner>INNER_)?"
            r"(?P<scope>ILMD_|ERROR_DECLARATION_|SENSORELEMENT_|SENSORMETADATA_|SENSORREPORT_|)"
            rf"(?P<extension>{_EXTENSION})"
        ),
        _extended,
    ),
    (
        re.compile(
            rf"(?P<operator>EQ)_(?P<inner>INNER_)?(?P<scope>readPoint_|bizLocation_)(?P<extension>{_EXTENSION})"
        ),
        _extended,
    ),
]
