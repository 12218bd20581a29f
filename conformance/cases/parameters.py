"""The query language, parameter by parameter: it finds the event it means, and not another (E7)."""

from collections.abc import Callable, Iterator
from typing import Any

from conformance.clauses import NotOffered, Weight, clause
from conformance.documents import (
    CLASS,
    EXAMPLE,
    OTHER_PLACE,
    PLACE,
    PLACE_AS_LINK,
    Event,
    aggregation,
    counted,
    declared,
    document,
    event,
    new_id,
    piece,
    place,
    sensed,
    token,
    transformation,
)
from conformance.repository import Repository, events_of, expect, header, ids, problem, require

EVENTS = "/events"
Pair = tuple[str, Event, Event]
NOON, BEFORE = "2026-01-02T12:00:00.000Z", "2026-01-02T11:59:59.000Z"
MINE = piece("conformance" + token())
_SCHEMA = "query-schema.json"


def finds(repository: Repository, name: str, value: str, meant: Event, other: Event) -> None:
    """Of two fresh events a parameter finds the one, and not the other."""
    wanted, unwanted = meant | {"eventID": new_id()}, other | {"eventID": new_id()}
    repository.captured(wanted, unwanted)
    both = "|".join((wanted["eventID"], unwanted["eventID"]))
    found = ids(repository.events(**{"EQ_eventID": both, name: value}))
    require(wanted["eventID"] in found, "the event that is meant is not found")
    require(unwanted["eventID"] not in found, "the other event is found too")
    require(len(found) == 1, "an event is found more than once")


def _reported(name: str, value: Any, other: Any) -> Pair:
    """A parameter that asks for one attribute of a sensor's report."""
    asked = str(value).lower() if isinstance(value, bool) else str(value)
    return asked, sensed({name: value}), sensed({name: other})


def _whole(**kinds: str) -> Event:
    """Something counted on one side of a transformation."""
    return transformation(**{side: [{"epcClass": of, "quantity": 1, "uom": "KGM"}] for side, of in kinds.items()})


OPENAPI: dict[str, Pair] = {
    "eventType": ("ObjectEvent|TransactionEvent", event(), aggregation()),
    "GE_eventTime": (NOON, event(eventTime=NOON), event(eventTime=BEFORE)),
    "LT_eventTime": (NOON, event(eventTime=BEFORE), event(eventTime=NOON)),
    "EQ_action": ("ADD|DELETE", event(action="ADD"), event()),
    "EQ_bizStep": ("shipping|receiving", event(bizStep="receiving"), event()),
    "EQ_disposition": ("damaged", event(disposition="damaged"), event(disposition="active")),
    "EQ_persistentDisposition_set": (
        "completeness_verified",
        event(persistentDisposition={"set": ["completeness_verified"]}),
        event(persistentDisposition={"unset": ["completeness_verified"]}),
    ),
    "EQ_persistentDisposition_unset": (
        "completeness_verified",
        event(persistentDisposition={"unset": ["completeness_verified"]}),
        event(persistentDisposition={"set": ["completeness_verified"]}),
    ),
    "EQ_readPoint": (PLACE, event(readPoint={"id": PLACE}), event(bizLocation={"id": PLACE})),
    "WD_readPoint": (PLACE, event(readPoint={"id": PLACE}), event(readPoint={"id": OTHER_PLACE})),
    "EQ_bizLocation": (PLACE, event(bizLocation={"id": PLACE}), event(readPoint={"id": PLACE})),
    "WD_bizLocation": (PLACE, event(bizLocation={"id": PLACE}), event(bizLocation={"id": OTHER_PLACE})),
    "EQ_transformationID": ("urn:x:made:1", transformation(transformationID="urn:x:made:1"), transformation()),
    "MATCH_epc": (MINE, aggregation(childEPCs=[MINE]), aggregation(parentID=MINE)),
    "MATCH_parentID": (MINE, aggregation(parentID=MINE), aggregation(childEPCs=[MINE])),
    "MATCH_inputEPC": (MINE, transformation(inputEPCList=[MINE]), transformation(outputEPCList=[MINE])),
    "MATCH_outputEPC": (MINE, transformation(outputEPCList=[MINE]), transformation(inputEPCList=[MINE])),
    "MATCH_anyEPC": (f"{piece()}|{MINE}", transformation(outputEPCList=[MINE]), event()),
    "MATCH_epcClass": (CLASS, counted(1), _whole(inputQuantityList=CLASS)),
    "MATCH_inputEPCClass": (CLASS, _whole(inputQuantityList=CLASS), _whole(outputQuantityList=CLASS)),
    "MATCH_outputEPCClass": (CLASS, _whole(outputQuantityList=CLASS), _whole(inputQuantityList=CLASS)),
    "MATCH_anyEPCClass": (CLASS, _whole(inputQuantityList=CLASS), counted(1, of=CLASS + "x")),
    "EQ_quantity": ("20", counted(20), counted(21)),
    "GT_quantity": ("20", counted(20.5), counted(20)),
    "GE_quantity": ("20", counted(20), counted(19.5)),
    "LT_quantity": ("20", counted(19.5), counted(20)),
    "LE_quantity": ("20", counted(20), counted(20.5)),
    "EXISTS_errorDeclaration": ("true", declared(), event()),
    "GE_errorDeclarationTime": (NOON, declared(declarationTime=NOON), declared(declarationTime=BEFORE)),
    "LT_errorDeclarationTime": (NOON, declared(declarationTime=BEFORE), declared(declarationTime=NOON)),
    "EQ_errorReason": ("incorrect_data", declared(reason="incorrect_data"), declared(reason="did_not_occur")),
    "EQ_correctiveEventID": (
        "urn:x:b",
        declared(correctiveEventIDs=["urn:x:a", "urn:x:b"]),
        declared(correctiveEventIDs=["urn:x:a"]),
    ),
    "GE_startTime": (NOON, sensed(startTime=NOON), sensed(startTime=BEFORE)),
    "LT_startTime": (NOON, sensed(startTime=BEFORE), sensed(startTime=NOON)),
    "GE_endTime": (NOON, sensed(endTime=NOON), sensed(endTime=BEFORE)),
    "LT_endTime": (NOON, sensed(endTime=BEFORE), sensed(endTime=NOON)),
    "EQ_type": ("Temperature|AbsoluteHumidity", sensed(), sensed({"type": "Speed", "uom": "KMH"})),
    "EQ_deviceID": ("urn:x:1", sensed(deviceID="urn:x:1"), sensed(deviceID="urn:x:2")),
    **{
        f"EQ_{name}": _reported(name, "urn:x:1", "urn:x:2")
        for name in ("dataProcessingMethod", "microorganism", "chemicalSubstance", "bizRules", "uriValue")
    },
    "EQ_stringValue": _reported("stringValue", "cold", "colder"),
    "EQ_hexBinaryValue": _reported("hexBinaryValue", "f0f0", "f0"),
    "EQ_booleanValue": _reported("booleanValue", False, True),
}
"""Of openapi's parameters those that say which events; the four that say how, and times of record, stand below."""
OF_THE_SCHEMA: dict[str, Pair] = {
    "EXISTS_sensorElementList": ("true", sensed(), event()),
    "GE_errorDeclaration_Time": OPENAPI["GE_errorDeclarationTime"],
    "LT_errorDeclaration_Time": OPENAPI["LT_errorDeclarationTime"],
    "GE_time": (NOON, sensed(time=NOON), sensed(time=BEFORE)),
    "LT_time": (NOON, sensed(time=BEFORE), sensed(time=NOON)),
    "GT_percRank": ("50", sensed({"percRank": 51}), sensed({"percRank": 50})),
    "GE_percRank": ("50", sensed({"percRank": 50}), sensed({"percRank": 49})),
    "LT_percRank": ("50", sensed({"percRank": 49}), sensed({"percRank": 50})),
    "LE_percRank": ("50", sensed({"percRank": 50}), sensed({"percRank": 51})),
}
_ASKED = 7
_COMPARED = {"EQ": (7, 8), "GT": (8, 7), "GE": (7, 6), "LT": (6, 7), "LE": (7, 8)}
_SCOPES: dict[str, Callable[[Event], Event]] = {
    "": lambda told: event(**told),
    "ILMD_": lambda told: event(action="ADD", bizStep="commissioning", ilmd=told),
    "ERROR_DECLARATION_": lambda told: declared(**told),
    "SENSORELEMENT_": lambda told: sensed(element=told),
    "SENSORMETADATA_": lambda told: sensed(None, None, **told),
    "SENSORREPORT_": lambda told: sensed(told),
    "readPoint_": lambda told: event(readPoint={"id": PLACE, **told}),
    "bizLocation_": lambda told: event(bizLocation={"id": PLACE, **told}),
}


def families() -> Iterator[tuple[str, Pair]]:
    """One parameter of each family of query-schema.json but for those of master data."""
    for scope, told in _SCOPES.items():
        operators = ["EQ"] if scope in ("readPoint_", "bizLocation_") else [*_COMPARED]
        for inner in ("", "INNER_"):
            leaf = _inner if inner else _plain
            for operator in operators:
                meant, other = _COMPARED[operator]
                yield f"{operator}_{inner}{scope}ex:leaf", (str(_ASKED), told(leaf(meant)), told(leaf(other)))
            if len(operators) > 1 and not (inner and scope.startswith("SENSOR")):
                yield f"EXISTS_{inner}{scope}ex:leaf", ("true", told(leaf(1)), told({"ex:bough": 1}))
    for name in ("value", "minValue", "maxValue", "meanValue", "sDev", "percValue"):
        for operator, (meant, other) in _COMPARED.items():
            if operator != "EQ" or name == "value":
                yield f"{operator}_{name}_CEL", (str(_ASKED), sensed({name: meant}), sensed({name: other}))
    for operator, (meant, other) in _COMPARED.items():
        yield f"{operator}_quantity_KGM", (str(_ASKED), counted(meant), counted(other))


def _plain(value: int) -> Event:
    return {"ex:leaf": value}


def _inner(value: int) -> Event:
    return {"ex:whole": {"ex:part": {"ex:leaf": value}}}


_LISTED: dict[str, Pair] = {
    "EQ_bizTransaction_po": (
        "urn:x:po:1",
        event(bizTransactionList=[{"type": "po", "bizTransaction": "urn:x:po:1"}]),
        event(bizTransactionList=[{"type": "inv", "bizTransaction": "urn:x:po:1"}]),
    ),
    "EQ_source_owning_party": (
        PLACE,
        event(sourceList=[{"type": "owning_party", "source": PLACE}]),
        event(destinationList=[{"type": "owning_party", "destination": PLACE}]),
    ),
    "EQ_destination_location": (
        PLACE,
        event(destinationList=[{"type": "location", "destination": PLACE}]),
        event(destinationList=[{"type": "possessing_party", "destination": PLACE}]),
    ),
}
FAMILIES: dict[str, Pair] = _LISTED | dict(families())


def _parameter(name: str, pair: Pair, reference: str) -> None:
    @clause(EVENTS, f"E7 {name}", reference)
    def _(repository: Repository) -> None:
        finds(repository, name, *pair)


for _name, _pair in OPENAPI.items():
    _parameter(_name, _pair, f"openapi GET /events, {_name}")
for _name, _pair in OF_THE_SCHEMA.items():
    _parameter(_name, _pair, f"{_SCHEMA}, {_name}")
for _name, _pair in FAMILIES.items():
    _parameter(_name, _pair, f"{_SCHEMA}, its pattern")


# The same asked in other words, and readings in other units


_ALSO: dict[str, tuple[str, str, Event, Event]] = {
    "a bizStep as CBV's URN": (
        "EQ_bizStep", "urn:epcglobal:cbv:bizstep:shipping", event(bizStep="shipping"), event()
    ),
    "a bizStep as CBV's web URI": (
        "EQ_bizStep", "https://ref.gs1.org/cbv/BizStep-shipping", event(bizStep="shipping"), event()
    ),
    "a place as Digital Link": (
        "EQ_readPoint", PLACE_AS_LINK, event(readPoint={"id": PLACE}), event(readPoint={"id": OTHER_PLACE})
    ),
    "an EPC as Digital Link": (
        "MATCH_anyEPC", "https://id.gs1.org/01/10614141073464/21/conf1", event(epcList=[piece("conf1")]), event()
    ),
    "a pattern of EPCs": (
        "MATCH_anyEPC", "urn:epc:idpat:sgtin:0614141.107346.*", event(),
        event(epcList=["urn:epc:id:sgtin:0614141.107347.1"]),
    ),
    "a moment in another zone": (
        "GE_eventTime", "2026-01-02T20:00:00.000+08:00", event(eventTime=NOON), event(eventTime=BEFORE)
    ),
    "an extension that is text": ("EQ_ex:leaf", "A|B", event(**{"ex:leaf": "B"}), event(**{"ex:leaf": "C"})),
    "an extension that is a moment": ("GE_ex:leaf", NOON, event(**{"ex:leaf": NOON}), event(**{"ex:leaf": BEFORE})),
}  # fmt: skip
_UNITS: dict[str, tuple[str, str, Event, Event]] = {
    "CEL, and KEL is asked for": (
        "EQ_value_KEL", "277.15", sensed({"value": 4, "uom": "CEL"}), sensed({"value": 277.15, "uom": "CEL"})
    ),
    "FAH, and CEL is asked for": (
        "GT_value_CEL", "20", sensed({"value": 68.5, "uom": "FAH"}), sensed({"value": 67, "uom": "FAH"})
    ),
    "KGM, and GRM is asked for": ("EQ_quantity_GRM", "20000", counted(20), counted(20000)),
    "litres, and KGM is asked for": ("GE_quantity_KGM", "1", counted(2), counted(2, "LTR")),
}  # fmt: skip


def _otherwise(name: str, asked: tuple[str, str, Event, Event], weight: Weight) -> None:
    @clause(EVENTS, name, "openapi GET /events, parameters", weight)
    def _(repository: Repository) -> None:
        finds(repository, *asked)


for _name, _asked in _ALSO.items():
    _otherwise(f"E7 is found by {_name}", _asked, Weight.MUST)
for _name, _asked in _UNITS.items():
    _otherwise(f"E7 is told in {_name}", _asked, Weight.MUST)


# Master data


def _described(repository: Repository) -> tuple[str, str]:
    """The eventID of an event at a fresh shop, and the market above it: a document's master data say so."""
    shop, market, told = place(), place(), event()
    kind = {"id": f"{EXAMPLE}kind", "attribute": "shop"}
    places = [{"id": market, "children": [shop]}, {"id": shop, "attributes": [kind]}]
    vocabulary = {"type": "urn:epcglobal:epcis:vtype:BusinessLocation", "vocabularyElementList": places}
    header_of_document = {"epcisMasterData": {"vocabularyList": [vocabulary]}}
    told["bizLocation"] = {"id": shop}
    answer = expect(repository.post("/capture", document(told, epcisHeader=header_of_document)), 202)
    job = repository.finished(header(answer, "Location"))
    require(job.get("success") is True, f"a document with master data is not taken: {job.get('errors')}")
    return told["eventID"], market


def _master_data(name: str, parameter: str, value: str, other: str) -> None:
    """A parameter asked about master data finds the event at the shop, and with another value does not."""

    @clause(EVENTS, f"E7 {name}", "query-schema.json; openapi POST /capture, epcisHeader", Weight.MAY)
    def _(repository: Repository) -> None:
        named, market = _described(repository)
        answer = repository.get(EVENTS, params={"EQ_eventID": named, parameter: value or market})
        if answer.status_code == 400:
            raise NotOffered("400")
        require(ids(events_of(expect(answer, 200))) == [named], "the event at the shop is not found")
        require(repository.events(**{"EQ_eventID": named, parameter: other}) == [], "it is found whatever is asked")


_master_data("HASATTR_bizLocation", "HASATTR_bizLocation", f"{EXAMPLE}kind", f"{EXAMPLE}size")
_master_data("EQ_ATTR_bizLocation_…", f"EQ_ATTR_bizLocation_{EXAMPLE}kind", "shop", "store")
_master_data("WD_bizLocation finds what is at a place below", "WD_bizLocation", "", OTHER_PLACE)


# What is no parameter


_UNREADABLE = {
    "EQ_colour": "red",
    "eventtype": "ObjectEvent",
    "GE_eventTime": "yesterday",
    "EQ_quantity": "many",
    "GT_value_CEL": "warm",
    "EXISTS_errorDeclaration": "maybe",
    "EQ_booleanValue": "maybe",
    "LT_errorDeclarationTime": "2026-13-01T00:00:00Z",
}


def _unreadable(name: str, value: str) -> None:
    @clause(EVENTS, f"E7 {name}={value} is refused", "openapi GET /events 400, QueryParameterException")
    def _(repository: Repository) -> None:
        problem(repository.get(EVENTS, params={name: value}), 400, "QueryParameterException")


for _name, _value in _UNREADABLE.items():
    _unreadable(_name, _value)
