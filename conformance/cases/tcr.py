"""GS1's test case requirements 53 (SensorElement) and 54 (AssociationEvent), step by step, asked over REST.

They are drafts: "Conformance Requirements" of gs1/EPCIS at 0aa227f and 1d4d085, and speak of SOAP's poll; here each
step is asked of /events. Each question is put to the events of its set alone, since the repository may hold others.
Where query-schema.json has another name than a step, that is asked for: EXISTS_sensorElementList (3), sDev and
percValue with their unit (23, 25), deviceMetadata (28).
"""

from collections.abc import Callable, Collection
from typing import Any

from conformance.clauses import NotOffered, Weight, clause
from conformance.documents import PLACE, Event, aggregation, document, event, moment, new_id, token
from conformance.repository import Repository, expect, header, ids, problem, require

EVENTS, CAPTURE = "/events", "/capture"
BEFORE, NOON, AFTER = "2026-01-02T11:00:00.000Z", "2026-01-02T12:00:00.000Z", "2026-01-02T13:00:00.000Z"
DEVICE = ("deviceID", "deviceMetadata", "rawData", "dataProcessingMethod")
"""What stands in sensorMetadata or in sensorReport, as time does too."""
Set = dict[str, Event]
"""The events of a set by their names here."""
Question = tuple[dict[str, str], Collection[str]]
"""Parameters, and the events of a set that they find; another of that set they do not find."""


def _uris(names: Collection[str], end: str) -> Event:
    """For each name an address that nobody else has."""
    return {name: f"https://example.com/{name}/{end}" for name in names}


def _read(report: Event, metadata: Event | None = None, **own: Any) -> Event:
    """An event with one sensor element of one report."""
    told = {"sensorMetadata": metadata} if metadata else {}
    return event(sensorElementList=[told | {"sensorReport": [report]} | own])


# TCR-53: set 1, each attribute in two values


def _at(time: str, value: int, count: int, end: str) -> Event:
    """A temperature at a moment, by a device, with somebody's own fields on all three levels."""
    metadata = {"time": time, **_uris((*DEVICE, "bizRules"), end), "ex:metadata": count}
    report = {"type": "Temperature", "value": value, "uom": "CEL", "component": "x", "ex:report": count}
    return _read(report, metadata, **{"ex:element": count})


def _over(start: str, end: str, most: int, rank: int) -> Event:
    """A speed over a span of time, by its statistics."""
    figures = {"minValue": most - 6, "meanValue": most - 3, "maxValue": most, "sDev": most / 10}
    report = {"type": "Speed", "uom": "KMH", "percRank": rank, "percValue": most - 1, **figures}
    return _read(report, {"startTime": start, "endTime": end})


def _said(text: str, truth: bool, figures: str, end: str) -> Event:
    """What is told by words and addresses, with an alarm."""
    values = {"stringValue": text, "booleanValue": truth, "hexBinaryValue": figures, "exception": "ALARM_CONDITION"}
    uris = ("microorganism", "chemicalSubstance", "uriValue", "coordinateReferenceSystem")
    return _read({"type": "Count", **values, **_uris(uris, end)})


_RUN = token()
ONE, OTHER = f"{_RUN}-1", f"{_RUN}-2"
"""How the addresses of either event of a pair end."""
_SET_1: Set = {
    "warm": _at(NOON, 4, 7, ONE),
    "frozen": _at(BEFORE, -10, 6, OTHER),
    "fast": _over(NOON, AFTER, 8, 50),
    "slow": _over(BEFORE, NOON, 7, 49),
    "yes": _said("yes", True, "F0F0", ONE),
    "no": _said("no", False, "F0", OTHER),
    "bare": event(),
}


def _compared(name: str, most: float, least: float, found: str, other: str) -> list[Question]:
    """GE and LT of a figure that one event has as ``most`` and the other as ``least``."""
    return [
        ({f"GE_{name}": str(most)}, [found]),
        ({f"LT_{name}": str(most)}, [other]),
        ({f"GE_{name}": str(least)}, [found, other]),
        ({f"LT_{name}": str(least)}, []),
    ]


def _five(name: str) -> list[Question]:
    """All five comparisons of somebody's own field, which is 7 in one event and 6 in the other."""
    return [
        ({f"EQ_{name}": "7"}, ["warm"]),
        ({f"GT_{name}": "6"}, ["warm"]),
        ({f"GE_{name}": "7"}, ["warm"]),
        ({f"LT_{name}": "7"}, ["frozen"]),
        ({f"LE_{name}": "6"}, ["frozen"]),
    ]


def _between(name: str, found: str, other: str) -> list[Question]:
    """A time that is noon in one event and an hour before in the other."""
    return [
        ({f"GE_{name}": NOON, f"LT_{name}": AFTER}, [found]),
        ({f"GE_{name}": BEFORE, f"LT_{name}": NOON}, [other]),
        ({f"GE_{name}": "2025-01-01T00:00:00Z", f"LT_{name}": BEFORE}, []),
    ]


def _equal(name: str, *pair: str) -> list[Question]:
    """An address that only one event has; nobody's finds none."""
    one, other = (f"https://example.com/{name}/{end}" for end in (ONE, OTHER))
    first, second = pair
    return [({f"EQ_{name}": one}, [first]), ({f"EQ_{name}": other}, [second]), ({f"EQ_{name}": one + "0"}, [])]


_READ = [name for name in _SET_1 if name != "bare"]
QUESTIONS: dict[int, tuple[str, list[Question]]] = {
    3: ("EXISTS_sensorElementList", [({"EXISTS_sensorElementList": "true"}, _READ)]),
    4: ("GE_time and LT_time", _between("time", "warm", "frozen")),
    5: (
        "GE_ and LT_ of startTime and endTime",
        [
            *_between("startTime", "fast", "slow"),
            ({"GE_endTime": AFTER}, ["fast"]),
            ({"GE_endTime": NOON, "LT_endTime": AFTER}, ["slow"]),
        ],
    ),
    6: ("EQ_type", [({"EQ_type": "Temperature"}, ["warm", "frozen"]), ({"EQ_type": "Speed"}, ["fast", "slow"])]),
    7: ("EQ_deviceID", _equal("deviceID", "warm", "frozen")),
    8: ("EQ_dataProcessingMethod", _equal("dataProcessingMethod", "warm", "frozen")),
    9: ("EQ_microorganism", _equal("microorganism", "yes", "no")),
    10: ("EQ_chemicalSubstance", _equal("chemicalSubstance", "yes", "no")),
    11: ("EQ_bizRules", _equal("bizRules", "warm", "frozen")),
    12: (
        "EQ_, GE_ and LT_value with a unit",
        [({"EQ_value_CEL": "4"}, ["warm"]), *_compared("value_CEL", 4, -10, "warm", "frozen")],
    ),
    13: ("GE_ and LT_minValue with a unit", _compared("minValue_KMH", 2, 1, "fast", "slow")),
    14: ("GE_ and LT_maxValue with a unit", _compared("maxValue_KMH", 8, 7, "fast", "slow")),
    15: ("GE_ and LT_meanValue with a unit", _compared("meanValue_KMH", 5, 4, "fast", "slow")),
    16: ("EQ_stringValue", [({"EQ_stringValue": "yes"}, ["yes"]), ({"EQ_stringValue": "no"}, ["no"])]),
    17: ("EQ_booleanValue", [({"EQ_booleanValue": "true"}, ["yes"]), ({"EQ_booleanValue": "false"}, ["no"])]),
    18: ("EQ_hexBinaryValue", [({"EQ_hexBinaryValue": "F0F0"}, ["yes"]), ({"EQ_hexBinaryValue": "F0"}, ["no"])]),
    19: ("EQ_uriValue", _equal("uriValue", "yes", "no")),
    20: ("a field of somebody's own in sensorElement", _five("SENSORELEMENT_ex:element")),
    21: ("a field of somebody's own in sensorMetadata", _five("SENSORMETADATA_ex:metadata")),
    22: ("a field of somebody's own in sensorReport", _five("SENSORREPORT_ex:report")),
    23: ("GE_ and LT_sDev with a unit", _compared("sDev_KMH", 0.8, 0.7, "fast", "slow")),
    24: ("GE_ and LT_percRank", _compared("percRank", 50, 49, "fast", "slow")),
    25: ("GE_ and LT_percValue with a unit", _compared("percValue_KMH", 7, 6, "fast", "slow")),
    26: ("a temperature told in CEL, and KEL is asked for", [
        ({"EQ_type": "gs1:Temperature", "GE_value_KEL": "270"}, ["warm"])
    ]),
}  # fmt: skip
"""Of each step what it asks, and the questions put to set 1."""


def kept(repository: Repository, name: str, events: Set) -> Set:
    """The events of a set under eventIDs of this run's own, captured when they are first asked for."""
    if name not in repository.kept:
        fresh = {key: told | {"eventID": new_id()} for key, told in events.items()}
        repository.captured(*fresh.values())
        repository.kept[name] = fresh
    return dict(repository.kept[name])


def put(repository: Repository, events: Set, question: Question) -> None:
    """Ask a question of the events of a set: the ones that are meant are found, each once, and no others."""
    parameters, meant = question
    of_the_set = "|".join(told["eventID"] for told in events.values())
    found = ids(repository.events(EQ_eventID=of_the_set, **parameters))
    names = sorted(name for name, told in events.items() for one in found if one == told["eventID"])
    asked = " and ".join(f"{name}={value}" for name, value in parameters.items())
    require(names == sorted(meant), f"{asked} finds {names or 'nothing'}, not {sorted(meant) or 'nothing'}")


@clause(CAPTURE, "TCR-53 step 1: sensor elements are captured, with all their attributes", "TCR-53 step 1")
def _(repository: Repository) -> None:
    _come_back(repository, kept(repository, "TCR-53 set 1", _SET_1))


def _come_back(repository: Repository, events: Set) -> None:
    for name, told in events.items():
        found = repository.event(told["eventID"], Accept="application/json").get("sensorElementList")
        expected = told.get("sensorElementList")
        require(found == expected, f"the readings of the event {name!r} were told as {expected!r}, and are {found!r}")


@clause(EVENTS, "TCR-53 step 2: what was recorded since a minute before is found", "TCR-53 step 2")
def _(repository: Repository) -> None:
    told = {name: one | {"eventID": new_id()} for name, one in _SET_1.items()}
    since = moment(-60)
    repository.captured(*told.values())
    put(repository, told, ({"GE_recordTime": since}, told))


def _step(number: int, title: str, questions: list[Question]) -> None:
    @clause(EVENTS, f"TCR-53 step {number}: {title}", f"TCR-53 step {number}")
    def _(repository: Repository) -> None:
        events = kept(repository, "TCR-53 set 1", _SET_1)
        for question in questions:
            put(repository, events, question)


for _number, (_title, _questions) in QUESTIONS.items():
    _step(_number, _title, _questions)


# Set 2: one attribute in the metadata, or in the report; set 3: in both


_WHERE = {"time": NOON, **_uris(DEVICE, "2" + ONE)}
_SET_2: Set = {
    "metadata": _read({"type": "Temperature", "value": 4, "uom": "CEL"}, _WHERE),
    "report": _read({"type": "Temperature", "value": 4, "uom": "CEL", **_WHERE}),
}


@clause(CAPTURE, "TCR-53 step 27: attributes stay in metadata or report, where they were told", "TCR-53 step 27")
def _(repository: Repository) -> None:
    _come_back(repository, kept(repository, "TCR-53 set 2", _SET_2))


def _wherever(title: str, asked: list[Question], weight: Weight) -> None:
    """Each parameter finds both events of set 2, or (may) is no parameter of the repository's."""

    @clause(EVENTS, f"TCR-53 step 28: {title}, in metadata or report", "TCR-53 step 28", weight)
    def _(repository: Repository) -> None:
        events = kept(repository, "TCR-53 set 2", _SET_2)
        for parameters, _ in asked:
            if weight is Weight.MAY and repository.get(EVENTS, params=parameters).status_code == 400:
                raise NotOffered(f"400 to {', '.join(parameters)}")
        for question in asked:
            put(repository, events, question)


_BOTH = ("metadata", "report")
_wherever(
    "deviceID, dataProcessingMethod and time are found",
    [
        ({"EQ_deviceID": _WHERE["deviceID"]}, _BOTH),
        ({"EQ_dataProcessingMethod": _WHERE["dataProcessingMethod"]}, _BOTH),
        ({"GE_time": NOON, "LT_time": AFTER}, _BOTH),
        ({"GE_time": AFTER}, ()),
    ],
    Weight.MUST,
)
_wherever(
    "deviceMetadata, rawData and EQ_time, which no schema has, are found",
    [
        ({"EQ_deviceMetadata": _WHERE["deviceMetadata"]}, _BOTH),
        ({"EQ_rawData": _WHERE["rawData"]}, _BOTH),
        ({"EQ_time": NOON}, _BOTH),
        ({"EQ_time": AFTER}, ()),
    ],
    Weight.MAY,
)


def refused(repository: Repository, told: Event) -> None:
    """A document of one event is not taken, at once or by the end of its job, and the event is not there."""
    fresh = told | {"eventID": new_id()}
    answer = repository.post(CAPTURE, document(fresh))
    if answer.status_code == 400:
        problem(answer, 400, "ValidationException")
    else:
        job = repository.finished(header(expect(answer, 202), "Location"))
        require(job.get("success") is False, "it was taken")
    require(repository.events(EQ_eventID=fresh["eventID"]) == [], "the event is there")


def _refusal(name: str, reference: str, made: Callable[[], list[Event]]) -> None:
    @clause(CAPTURE, name, reference)
    def _(repository: Repository) -> None:
        for told in made():
            refused(repository, told)


_refusal(
    "TCR-53 step 29: an attribute in metadata and report is refused",
    "TCR-53 step 29; EPCIS 2.0, 7.3.7.1, as gs1/EPCIS issue 250 quotes it",
    lambda: [
        _read({"type": "Temperature", "value": 4, "uom": "CEL", name: value}, {name: value})
        for name, value in _WHERE.items()
    ],
)


# TCR-54


_CHILDLESS: list[Event] = [{"childEPCs": None}, {"childEPCs": [], "childQuantityList": []}]


def _association(**fields: Any) -> Event:
    return aggregation(**{"type": "AssociationEvent"} | fields)


@clause(CAPTURE, "TCR-54 steps 1 and 2: an association with a place is captured", "TCR-54 steps 1 and 2")
def _(repository: Repository) -> None:
    told = _association(parentID=PLACE)
    repository.captured(told)
    found = repository.event(told["eventID"], Accept="application/json")
    for field in ("type", "action", "parentID", "childEPCs"):
        require(found.get(field) == told[field], f"{field} was told as {told[field]!r}, and is {found.get(field)!r}")


_refusal(
    "TCR-54 step 3: ADD and DELETE without parentID are refused",
    "TCR-54 step 3; EPCIS-JSON-Schema, AssociationEvent",
    lambda: [_association(action=action, parentID=None) for action in ("ADD", "DELETE")],
)
_refusal(
    "TCR-54 step 4: ADD and OBSERVE without children are refused",
    "TCR-54 step 4; EPCIS-JSON-Schema, AssociationEvent",
    lambda: [_association(action=action, **children) for action in ("ADD", "OBSERVE") for children in _CHILDLESS],
)
