"""Single events: made, found again, and kept as they were told (E3, E4, E12, E13, E14)."""

from typing import Any
from urllib.parse import quote

from conformance.clauses import Weight, clause
from conformance.documents import (
    CLASS,
    PLACE,
    Event,
    aggregation,
    alone,
    declared,
    document,
    event,
    moment,
    new_id,
    piece,
    sensed,
    transformation,
)
from conformance.repository import Repository, content, events_of, expect, header, ids, problem, require

EVENTS, ONE = "/events", "/events/{eventID}"


@clause(EVENTS, "E3 one event is made, and Location leads to it", "openapi POST /events 201")
def _(repository: Repository) -> None:
    told = event()
    answer = expect(repository.post(EVENTS, alone(told)), 201)
    found = events_of(expect(repository.get(header(answer, "Location")), 200))
    require(ids(found) == [told["eventID"]], "another event is answered")


@clause(EVENTS, "E3 an event may be sent as application/json", "openapi POST /events, request body")
def _(repository: Repository) -> None:
    expect(repository.post(EVENTS, alone(event()), "application/json"), 201)


@clause(EVENTS, "E3 the same event again is a conflict", "openapi POST /events 409")
def _(repository: Repository) -> None:
    told = alone(event())
    expect(repository.post(EVENTS, told), 201)
    problem(repository.post(EVENTS, told), 409, "ResourceAlreadyExistsException")


@clause(EVENTS, "E3 the same event with an error declaration is taken", "gs1/EPCIS issues 48 and 403")
def _(repository: Repository) -> None:
    told = alone(event())
    expect(repository.post(EVENTS, told), 201)
    wrong = {"errorDeclaration": {"declarationTime": moment(), "reason": "incorrect_data"}}
    expect(repository.post(EVENTS, told | wrong), 201)


def _bad(name: str, told: Any) -> None:
    @clause(EVENTS, f"E3 no event is made of {name}", "openapi POST /events 400")
    def _(repository: Repository) -> None:
        problem(repository.post(EVENTS, told), 400, "ValidationException")


for _name, _told in {
    "what is no JSON": b"{",
    "a list": [],
    "an event without eventTime": alone(event(eventTime=None)),
    "an event without @context": event(),
}.items():
    _bad(_name, _told)


@clause(ONE, "E4 an event without eventID is given one, by which it is found", "openapi POST /capture, description")
def _(repository: Repository) -> None:
    mine = piece()
    repository.captured(event(eventID=None, epcList=[mine]))
    found = repository.events(MATCH_anyEPC=mine)
    require(len(found) == 1 and bool(found[0].get("eventID")), "the event has no eventID")
    require(repository.event(found[0]["eventID"])["eventID"] == found[0]["eventID"], "another event is answered")


@clause(ONE, "E4 that eventID is the event's hash", "CBV 2.0 event hash id", Weight.MAY)
def _(repository: Repository) -> None:
    mine = piece()
    repository.captured(event(eventID=None, epcList=[mine]))
    given = repository.events(MATCH_anyEPC=mine)[0].get("eventID", "")
    require(given.startswith("ni:///sha-256;") and "?ver=CBV2." in given, f"it is {given}")


def _odd(name: str, event_id: str) -> None:
    @clause(ONE, f"E4 an event is found by an eventID with {name}", "openapi EventID")
    def _(repository: Repository) -> None:
        told = event(eventID=event_id.format(new_id().rpartition(":")[2].replace("-", "") * 2))
        repository.captured(told)
        require(repository.event(told["eventID"])["eventID"] == told["eventID"], "another event is answered")


for _name, _id in {
    "the characters of a hash id (; / ?)": "ni:///sha-256;{}?ver=CBV2.0",
    "a fragment (#)": "https://example.com/events#{}",
    "a query (? & =)": "https://example.com/events?id={}&part=1",
    "an encoded slash (%2F)": "https://example.com/events%2F{}",
    "a plus sign": "urn:x:a+b:{}",
}.items():
    _odd(_name, _id)


@clause(ONE, "E4 an event is answered as an EPCISQueryDocument", "openapi GET /events/{eventID} 200")
def _(repository: Repository) -> None:
    told = event()
    repository.captured(told)
    answer = content(expect(repository.get(f"/events/{quote(told['eventID'], safe='')}"), 200))
    require(answer.get("type") == "EPCISQueryDocument", f"the answer is of the type {answer.get('type')}")


@clause(ONE, "E14 with it come its error declarations", "openapi GET /events/{eventID}, description")
def _(repository: Repository) -> None:
    told, other = event(), new_id()
    wrong = {"declarationTime": moment(), "reason": "did_not_occur", "correctiveEventIDs": [other]}
    repository.captured(told)
    expect(repository.post(EVENTS, alone(told | {"errorDeclaration": wrong})), 201)
    found = events_of(expect(repository.get(f"/events/{quote(told['eventID'], safe='')}"), 200))
    require(any("errorDeclaration" in one for one in found), "the declaration is missing")
    require(any("errorDeclaration" not in one for one in found), "the original is no longer to be read")


# E12: what was told is answered


_MORE: Event = {
    "disposition": "in_progress",
    "readPoint": {"id": PLACE, "ex:gate": "3"},
    "bizLocation": {"id": PLACE, "ex:floor": 2},
    "bizTransactionList": [{"type": "po", "bizTransaction": "urn:epcglobal:cbv:bt:0614141000005:1152"}],
    "sourceList": [{"type": "owning_party", "source": "urn:epc:id:pgln:0614141.00000"}],
    "destinationList": [{"type": "location", "destination": PLACE}],
    "sensorElementList": [
        {
            "sensorMetadata": {"time": "2026-01-02T03:04:05.000Z", "deviceID": "urn:x:device:1", "ex:m": [1, 2]},
            "sensorReport": [{"type": "Temperature", "value": 4.5, "uom": "CEL", "ex:r": True}],
            "ex:e": {"ex:deep": None},
        }
    ],
    "certificationInfo": "https://example.com/certificates/1",
    "ex:text": '菠菜 é \u2028 "quoted" & <b>',
    "ex:number": 9007199254740991,
    "ex:small": 0.1,
    "ex:list": [1, "two", {"ex:three": [3.5, False]}],
}
_QUANTITY = [{"epcClass": CLASS, "quantity": 10.25, "uom": "KGM"}, {"epcClass": CLASS + "x"}]
_LASTING = {"set": ["completeness_verified"], "unset": ["completeness_inferred"]}
_SORTS: dict[str, Event] = {
    "ObjectEvent": event(
        **_MORE, action="ADD", quantityList=_QUANTITY, ilmd={"ex:lot": "L1"}, persistentDisposition=_LASTING
    ),
    "AggregationEvent": aggregation(**_MORE, childQuantityList=_QUANTITY),
    "AssociationEvent": aggregation(**_MORE, type="AssociationEvent", childQuantityList=_QUANTITY),
    "TransactionEvent": event(**_MORE, type="TransactionEvent", parentID=piece(), quantityList=_QUANTITY),
    "TransformationEvent": transformation(
        **_MORE,
        transformationID="urn:epc:id:gdti:0614141.12345.400",
        inputQuantityList=_QUANTITY,
        outputQuantityList=_QUANTITY,
        ilmd={"ex:lot": "L1"},
        persistentDisposition=_LASTING,
    ),
}


def _same(name: str, told: Event) -> None:
    @clause(ONE, f"E12 an {name} with every field comes back as it was told", "EPCIS-JSON-Schema; M1")
    def _(repository: Repository) -> None:
        fresh = told | {"eventID": new_id()}
        repository.captured(fresh)
        found = repository.event(fresh["eventID"], Accept="application/json")
        for field, value in fresh.items():
            require(found.get(field) == value, f"{field} was told as {value!r}, and is {found.get(field)!r}")
        more = found.keys() - fresh.keys() - {"recordTime", "@context"}
        require(not more, f"{sorted(more)} was added")


for _name, _event in _SORTS.items():
    _same(_name, _event)


@clause(ONE, "E12 an extension of no known prefix keeps its whole name", "EPCIS-JSON-Schema, @context", Weight.MAY)
def _(repository: Repository) -> None:
    told = event(**{"https://example.com/other/colour": "red"})
    repository.captured(told)
    require(repository.event(told["eventID"]).get("https://example.com/other/colour") == "red", "it is gone")


# E13: rules above the schema, which a repository may leave to others


def _against(name: str, reference: str, told: Event) -> None:
    @clause("/capture", f"E13 is refused or named in the job: {name}", reference, Weight.MAY)
    def _(repository: Repository) -> None:
        answer = repository.post("/capture", document(told | {"eventID": new_id()}))
        if answer.status_code != 400:
            job = repository.finished(header(expect(answer, 202), "Location"))
            require(bool(job.get("errors")) or job.get("success") is False, "it was taken without a word")


_against("a sensor's time after its event's", "GS1 conformance draft M122", sensed(time=moment(3600)))
_against(
    "an error declaration without its time",
    "EPCIS-JSON-Schema, errorDeclaration",
    {**declared(), "errorDeclaration": {"reason": "incorrect_data"}},
)
