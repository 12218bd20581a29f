"""What GS1's schema of EPCIS 2.0 lets pass is captured, but for what the standard's text asks beyond it.

Events are drawn here as the schema has them, with every field that may stand in them. Where GS1's schema itself
is at hand (beside this checkout; its licence lets nobody pass it on), it judges each of them, and what it
accepts of altered ones too.
"""

import copy
import json
import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hub.gs1 import cbv, epcis, event_hash, jcs, oddities, reading
from hub.settings import CHECKOUT

SHARED = Path(os.environ.get("FURROW_TEST_DATA", CHECKOUT.parent / "shared" / "data"))
SCHEMA = SHARED / "traceability" / "gs1-epcis" / "artefacts" / "EPCIS-JSON-Schema.json"
CONTEXT = [epcis.CONTEXT[0], {"ex": "https://example.org/voc/", "other": "urn:other:"}]
EXAMPLES = settings(max_examples=400, suppress_health_check=list(HealthCheck))

BEYOND = {
    "is not a date and time with its offset": (
        "xsd:dateTime, the type in EPCIS's own context, knows neither a leap second nor small letters;"
        " and year 0 and the last day of 9999 cannot be reckoned with"
    ),
    "is neither EPCIS's nor of a declared prefix": (
        "what no context gives a meaning is lost to whoever reads the event as JSON-LD"
    ),
    "is none of EPCIS's five event types": "the same, of a type",
    "is no term of the Core Business Vocabulary": (
        "CBV's own namespaces hold its terms alone, also those that the schema's pattern does not know"
    ),
    "is not a number of 0 or more": "EPCIS 2.0: a quantity is positive",
    "an ObjectEvent names objects, or has sensor readings with a read point": (
        "EPCIS 2.0: one list at least is not empty"
    ),
    "a TransactionEvent names objects, unless the action is DELETE": "EPCIS 2.0: one list at least is not empty",
    "parentID is needed": "EPCIS 2.0: it may be left out of an observation alone",
    "in its metadata and again in a report": "EPCIS 2.0, 7.3.7.1: in the metadata or in the reports",
    "is not a context known here": "contexts are never fetched",
    "is defined and protected by EPCIS's own context": "JSON-LD 1.1, 4.1.11: protected terms",
    "contexts are never fetched": "of @import too",
    "EPCIS's own context": "an event stands under it",
}
"""What is asked beyond the schema: how a fault of it is said, and why.

Of a type of somebody's own the schema knows no field; EPCIS's keep their form there, so no altered one is judged.
"""


# Events as the schema has them

uris = st.one_of(
    st.sampled_from(
        ["urn:epc:id:sgtin:0614141.107346.2017", "https://id.gs1.org/01/06901234000016/10/A1", "urn:x:a%20b", "a:",
         "x-y.z+1:?#", "https://user@[2001:db8::1]:8443/p;q=1/'(*)!?a=b&c,d#e~f", "ni:///sha-256;00?ver=CBV2.0",
         "https://id.gs1.org/414/6901234000016"]
    ),
    st.text("abcXYZ019-._~!$&'()*+,;=:@/?", max_size=20).map("urn:x:".__add__),
)  # fmt: skip
times = st.builds(
    "{}{}{}".format,
    (st.datetimes() | st.sampled_from([datetime.min, datetime.max])).map(
        lambda moment: moment.isoformat(timespec="seconds")
    ),
    st.sampled_from(["", ".5", ".123456", ".1234567890123", ".9999"]),
    st.sampled_from(["Z", "+08:00", "-14:00", "+00:00", "-03:30", "+23:59"]),
).filter(epcis.is_time)  # but for those at the ends of time
numbers = st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False)
own = st.sampled_from(
    ["ex:colour", "other:x-y/z", "ex:", "https://example.org/a#b", "urn:a:b", "rdfs:comment", "gs1:netWeight",
     "cbvmda:lot"]
)  # fmt: skip
json_values = st.recursive(
    st.none() | st.booleans() | numbers | st.text(max_size=8) | uris | times,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(own, inner, max_size=3),
    max_leaves=4,
)
extensions = st.dictionaries(own, json_values, max_size=2)


def words(vocabulary: frozenset[str]) -> st.SearchStrategy[str]:
    """A word, or a term of somebody else's."""
    return st.sampled_from(sorted(vocabulary)) | st.sampled_from(
        ["https://example.org/voc/Step-flying", "ex:flying", "urn:x:1"]
    )


def made(needed: dict[str, Any], may: dict[str, Any] | None = None, extended: bool = True) -> st.SearchStrategy[Any]:
    """An object with what it needs, some of what it may have, and names of others."""
    told = st.fixed_dictionaries(needed, optional={n: v for n, v in (may or {}).items() if n not in needed})
    return st.builds(lambda more, own: {**more, **own}, extensions, told) if extended else told


def some(of: st.SearchStrategy[Any], least: int = 0, unique: bool = False) -> st.SearchStrategy[Any]:
    return st.lists(of, min_size=least, max_size=3, unique=unique)


def _once(metadata: dict[str, Any], report: dict[str, Any]) -> dict[str, Any]:
    """A report without what its metadata say of all reports."""
    said = metadata.keys() & {*epcis.SAID_ONCE}
    return {name: value for name, value in report.items() if name not in said}


place = made({"id": uris})
quantity = made(
    {"epcClass": uris},
    {"quantity": numbers.filter(lambda n: n >= 0), "uom": st.from_regex(r"[A-Z0-9]{2,3}", fullmatch=True)},
    False,
)
ends = words(cbv.PARTY_TYPES)
device = dict.fromkeys(("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod", "bizRules"), uris)
report = made(
    {"type": words(cbv.MEASUREMENTS - {"EffectiveDose", "EffectiveDoseRate"})},
    {
        "exception": words(cbv.ALERTS), "time": times, **device, "component": words(cbv.COMPONENTS),
        "stringValue": st.text(max_size=9),
        **dict.fromkeys(("microorganism", "chemicalSubstance", "coordinateReferenceSystem", "uriValue"), uris),
        **dict.fromkeys(("value", "minValue", "maxValue", "meanValue", "sDev", "percRank", "percValue"), numbers),
        "booleanValue": st.booleans(), "hexBinaryValue": st.from_regex("[0-9A-Fa-f]+", fullmatch=True),
        "uom": st.text(max_size=4),
    },
)  # fmt: skip
metadata = made({}, {"time": times, "startTime": times, "endTime": times, **device})
sensors = made({"sensorReport": some(report, 1)}, {"sensorMetadata": metadata}).map(
    lambda told: told | {"sensorReport": [_once(told.get("sensorMetadata", {}), one) for one in told["sensorReport"]]}
)
dispositions = words(cbv.DISPOSITIONS)
persistent = made({}, dict.fromkeys(("set", "unset"), some(dispositions, 1, True)), False).filter(bool)
COMMON = {
    "eventTime": times, "eventTimeZoneOffset": st.from_regex("[+-]((0[0-9]|1[0-3]):[0-5][0-9]|14:00)", fullmatch=True),
}  # fmt: skip
MAY = {
    "recordTime": times, "eventID": uris, "certificationInfo": uris | some(uris),
    "errorDeclaration": made(
        {"declarationTime": times}, {"reason": words(cbv.ERROR_REASONS), "correctiveEventIDs": some(uris)}
    ),
    "bizStep": words(cbv.BIZ_STEPS), "disposition": dispositions, "readPoint": place, "bizLocation": place,
    "bizTransactionList": some(made({"bizTransaction": uris}, {"type": words(cbv.TRANSACTION_TYPES)}, False)),
    "sourceList": some(made({"type": ends, "source": uris}, {}, False)),
    "destinationList": some(made({"type": ends, "destination": uris}, {}, False)), "sensorElementList": some(sensors),
    "@context": st.sampled_from(
        [epcis.CONTEXT[0], epcis.FURROW | {"more": "urn:more:"}, [], [epcis.CONTEXT[0], {"ex": "urn:again:"}]]
    ),
}  # fmt: skip
ONCE, OFTEN, QUANTITIES = some(uris, unique=True), some(uris), some(quantity)
ACTION = st.sampled_from(["ADD", "OBSERVE", "DELETE"])
TYPES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "ObjectEvent": (
        {"action": ACTION},
        {"epcList": ONCE, "quantityList": QUANTITIES, "persistentDisposition": persistent, "ilmd": extensions},
    ),
    "AggregationEvent": ({"action": ACTION}, {"parentID": uris, "childEPCs": OFTEN, "childQuantityList": QUANTITIES}),
    "AssociationEvent": ({"action": ACTION, "parentID": uris}, {"childEPCs": OFTEN, "childQuantityList": QUANTITIES}),
    "TransactionEvent": (
        {"action": ACTION, "bizTransactionList": MAY["bizTransactionList"].filter(bool)},
        {"parentID": uris, "epcList": OFTEN, "quantityList": QUANTITIES},
    ),
    "TransformationEvent": (
        {}, {"transformationID": uris, "inputEPCList": ONCE, "outputEPCList": ONCE, "inputQuantityList": QUANTITIES,
             "outputQuantityList": QUANTITIES, "persistentDisposition": persistent, "ilmd": extensions},
    ),
}  # fmt: skip
EPCIS_TYPES = list(TYPES)
ALL = {name: value for needed, may in TYPES.values() for name, value in (needed | may).items()}
TYPES["ex:Weighing"] = TYPES["https://example.org/voc/Weighing"] = ({}, ALL)


@st.composite
def events(draw: st.DrawFn) -> dict[str, Any]:
    """An event of any type, as much or as little of it as may be, that speaks of something."""
    kind = draw(st.sampled_from(sorted(TYPES)))
    needed, may = TYPES[kind]
    event = draw(made({"type": st.just(kind), **COMMON, **needed}, {**MAY, **may}))
    return event | draw(_whole(event))


def _whole(event: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """What an event lacks to be one: objects, a parent, an action that its ilmd goes with."""
    kind, nothing = event["type"], st.just({})
    if kind == "TransformationEvent":
        joined = "transformationID" in event
        lacks = [
            side
            for side in ("input", "output")
            if not event.get(f"{side}EPCList") and not event.get(f"{side}QuantityList")
        ]
        needed = lacks[:1] if joined and len(lacks) == 2 else [] if joined else lacks
        return st.fixed_dictionaries({f"{side}EPCList": some(uris, 1, True) for side in needed})
    if kind in ("AggregationEvent", "AssociationEvent", "TransactionEvent", "ObjectEvent"):
        child = kind[0] == "A"
        names = ("childEPCs", "childQuantityList") if child else ("epcList", "quantityList")
        lacks_parent = kind == "AggregationEvent" and event["action"] != "OBSERVE"
        parent = {"parentID": uris} if lacks_parent and "parentID" not in event else {}
        more = {"action": st.just("ADD")} if "ilmd" in event and kind == "ObjectEvent" else {}
        if any(event.get(name) for name in names) or (event["action"] == "DELETE" and kind != "ObjectEvent"):
            return st.fixed_dictionaries(parent | more)
        objects = st.fixed_dictionaries({names[0]: some(uris, 1, True), **parent, **more})
        if kind != "ObjectEvent":
            return objects
        return objects | st.fixed_dictionaries({"sensorElementList": some(sensors, 1), "readPoint": place, **more})
    return nothing


@pytest.fixture(scope="module")
def judge() -> Any:
    """GS1's schema of one event, where it is at hand."""
    if not SCHEMA.is_file():
        return None
    whole = json.loads(SCHEMA.read_text())
    one = {"definitions": whole["definitions"], "$ref": "#/definitions/EPCIS-Document-Event"}
    return jsonschema_rs.Draft7Validator(one, validate_formats=True)


def submitted(event: dict[str, Any]) -> epcis.Submitted:
    document = {
        "@context": CONTEXT,
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": "2026-11-24T09:00:00Z",
        "epcisBody": {"eventList": [event]},
    }
    (one,) = epcis.read(document)
    return one


def faults(event: dict[str, Any]) -> list[str]:
    return [fault.message for fault in epcis.validate(submitted(event))]


@EXAMPLES
@given(event=events())
def test_e12_an_event_with_any_of_the_schemas_fields_is_valid_and_kept_as_it_is(
    judge: Any, event: dict[str, Any]
) -> None:
    if judge is not None:
        assert [str(error)[:300] for error in judge.iter_errors(event)] == []
    assert faults(event) == []
    one = submitted(event)
    assert event_hash.event_id(one).startswith("ni:///sha-256;")
    kept = epcis.payload(one)
    assert jcs.canonical(jcs.parse(kept)) == kept and reading.event_of(kept) == event
    assert reading.unreadable(event) == "" and reading.objects(event) is not None
    assert all(fault.message for fault in oddities.of(one, datetime(2026, 11, 27, tzinfo=UTC)))


# Altered events


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where something stands inside a value."""
    for name, inner in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield (*path, name)
        yield from paths(inner, (*path, name))


@st.composite
def altered(draw: st.DrawFn) -> dict[str, Any]:
    """An event of which some things are gone, doubled, of another event's kind, or of another shape."""
    event = copy.deepcopy(draw(events()))
    for _ in range(draw(st.integers(1, 3))):
        *above, last = draw(st.sampled_from(list(paths(event))))
        holder = event
        for name in above:
            holder = holder[name]
        how = draw(st.sampled_from(["gone", "twice", "other", "more", "far"]))
        if how == "gone" and len(event) > 1:
            del holder[last]
        elif how == "twice" and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[last]))
        elif how == "more":
            name = draw(st.sampled_from(["nowhere:x", "cbv:BizStep-flying", "note", "urn:epcglobal:cbvx:y", *ALL]))
            event[name] = draw(ALL.get(name, json_values))
        elif how == "far":
            holder[last] = draw(
                st.sampled_from(
                    [
                        "2026-12-31T23:59:60Z",
                        "2026-11-24t06:40:00z",
                        "0000-01-01T00:00:00Z",
                        -1,
                        -0.5,
                        [],
                        {},
                        "",
                        "https://ref.gs1.org/cbv/BizStep-flying",
                        "cbv:Disp-flying",
                        "HTTP://X",
                        "urn:a:" + "%41" * 9,
                    ]
                )
            )
        else:
            holder[last] = draw(json_values)
    return event


@EXAMPLES
@given(event=altered())
def test_e13_whatever_the_schema_lets_pass_is_valid_but_for_what_the_text_asks(
    judge: Any, event: dict[str, Any]
) -> None:
    if judge is None:
        pytest.skip(f"GS1's schema is not at hand ({SCHEMA})")
    if event.get("type") in EPCIS_TYPES and judge.is_valid(event):
        assert [told for told in faults(event) if not any(reason in told for reason in BEYOND)] == []
