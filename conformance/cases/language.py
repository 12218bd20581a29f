"""How a query is answered: together, in order, how many; and by times of record (E7, E8, E14)."""

import time
from typing import Any

from conformance.clauses import Weight, clause
from conformance.documents import Event, alone, counted, event, moment, piece
from conformance.repository import Repository, events_of, expect, ids, problem, require

EVENTS = "/events"
PARAMETER = "QueryParameterException"


def five(repository: Repository) -> tuple[str, list[str]]:
    """A fresh piece, and the eventIDs of five events of it, the oldest first."""
    mine = piece()
    told = [event(epcList=[mine], eventTime=moment(seconds - 600)) for seconds in range(5)]
    repository.captured(*reversed(told))
    return mine, ids(told)


@clause(EVENTS, "E7 an answer is an EPCISQueryDocument", "openapi GET /events 200")
def _(repository: Repository) -> None:
    answer = expect(repository.get(EVENTS, params={"MATCH_anyEPC": five(repository)[0]}), 200)
    told = answer.json()
    needed = {"@context", "type", "schemaVersion", "creationDate", "epcisBody"}
    require(told.get("type") == "EPCISQueryDocument" and needed <= told.keys(), "it is not whole")
    require(len(events_of(answer)) == 5, "not all five events are answered")


@clause(EVENTS, "E7 nothing that answers is an empty list, and no error", "openapi GET /events 200")
def _(repository: Repository) -> None:
    require(repository.events(MATCH_anyEPC=piece()) == [], "events are answered")


@clause(EVENTS, "E7 of several parameters all must hold", "openapi GET /events, parameters")
def _(repository: Repository) -> None:
    mine, (first, *_) = five(repository)
    asked = {"MATCH_anyEPC": mine, "EQ_bizStep": "storing", "EQ_action": "OBSERVE"}
    require(len(repository.events(**asked)) == 5, "not all five events are answered")
    require(ids(repository.events(**asked, EQ_eventID=first)) == [first], "one was asked for")
    require(repository.events(**asked | {"EQ_action": "ADD"}) == [], "events of another action are answered")


@clause(EVENTS, "E7 EQ_eventID takes several with | between them", "openapi EQ_eventID, pipeDelimited")
def _(repository: Repository) -> None:
    _, (first, second, *_) = five(repository)
    found = ids(repository.events(EQ_eventID=f"{first}|{second}"))
    require(sorted(found) == sorted([first, second]), f"{len(found)} events are answered")


@clause(EVENTS, "E7 GE_recordTime and LT_recordTime part what came before from what came after", "openapi")
def _(repository: Repository) -> None:
    mine = piece()
    early, late = event(epcList=[mine]), event(epcList=[mine])
    repository.captured(early)
    time.sleep(1.1)
    repository.captured(late)
    at = repository.event(late["eventID"]).get("recordTime")
    require(isinstance(at, str), "the answer has no recordTime")
    require(ids(repository.events(MATCH_anyEPC=mine, GE_recordTime=at)) == [late["eventID"]], "GE_recordTime")
    require(ids(repository.events(MATCH_anyEPC=mine, LT_recordTime=at)) == [early["eventID"]], "LT_recordTime")


@clause(EVENTS, "E14 a corrected event is found by its declaration, and without it", "openapi EXISTS_errorDeclaration")
def _(repository: Repository) -> None:
    mine = piece()
    told = event(epcList=[mine])
    wrong = {"errorDeclaration": {"declarationTime": moment(), "reason": "incorrect_data"}}
    repository.captured(told)
    expect(repository.post(EVENTS, alone(told | wrong)), 201)
    found = repository.events(MATCH_anyEPC=mine, EXISTS_errorDeclaration="true")
    require([("errorDeclaration" in one) for one in found] == [True], "the declaration is not found")
    every = repository.events(MATCH_anyEPC=mine)
    require(any("errorDeclaration" not in one for one in every), "the original is no longer found")


# E8


def _ordered(name: str, oldest_first: bool, **asked: Any) -> None:
    @clause(EVENTS, f"E8 {name}", "openapi orderBy, orderDirection")
    def _(repository: Repository) -> None:
        mine, told = five(repository)
        found = ids(repository.events(MATCH_anyEPC=mine, **asked))
        require(found == (told if oldest_first else told[::-1]), "the order is another")


_ordered("orderBy=eventTime, ASC", True, orderBy="eventTime", orderDirection="ASC")
_ordered("orderBy=eventTime, DESC", False, orderBy="eventTime", orderDirection="DESC")
_ordered("DESC is the default", False, orderBy="eventTime")
_ordered("the order holds over pages", False, orderBy="eventTime", perPage=2)


@clause(EVENTS, "E8 orderBy=recordTime", "openapi orderBy")
def _(repository: Repository) -> None:
    mine = piece()
    told: list[Event] = [event(epcList=[mine], eventTime=moment(-60 - number)) for number in range(3)]
    for one in told:
        repository.captured(one)
        time.sleep(0.05)
    found = ids(repository.events(MATCH_anyEPC=mine, orderBy="recordTime", orderDirection="ASC"))
    require(found == ids(told), "the order is another")


@clause(EVENTS, "E8 orderBy an extension", "openapi orderBy, fully qualified name", Weight.MAY)
def _(repository: Repository) -> None:
    mine = piece()
    told = [event(epcList=[mine], **{"ex:rank": rank}) for rank in (2, 10, 1)]
    repository.captured(*told)
    found = repository.events(MATCH_anyEPC=mine, orderBy="ex:rank", orderDirection="ASC")
    require([one.get("ex:rank") for one in found] == [1, 2, 10], "the order is another")


@clause(EVENTS, "E8 eventCountLimit answers the first N of the order", "openapi eventCountLimit")
def _(repository: Repository) -> None:
    mine, told = five(repository)
    asked: dict[str, Any] = {
        "MATCH_anyEPC": mine,
        "orderBy": "eventTime",
        "orderDirection": "ASC",
        "eventCountLimit": 3,
    }
    require(ids(repository.events(**asked)) == told[:3], "not the first three are answered")
    require(ids(repository.events(**asked, perPage=2)) == told[:3], "not the first three over pages of two")


@clause(EVENTS, "E8 as many events as maxEventCount are answered", "openapi maxEventCount")
def _(repository: Repository) -> None:
    require(len(repository.events(MATCH_anyEPC=five(repository)[0], maxEventCount=5)) == 5, "not all are answered")


@clause(
    EVENTS, "E8 more than maxEventCount are refused, and never cut", "openapi maxEventCount, QueryTooLargeException"
)
def _(repository: Repository) -> None:
    answer = repository.get(EVENTS, params={"MATCH_anyEPC": five(repository)[0], "maxEventCount": 4})
    problem(answer, (413, 400), "QueryTooLargeException")


def _unanswerable(name: str, reference: str, **asked: Any) -> None:
    @clause(EVENTS, f"E8 {name}", reference)
    def _(repository: Repository) -> None:
        problem(repository.get(EVENTS, params=asked), 400, PARAMETER)


_unanswerable(
    "eventCountLimit and maxEventCount exclude each other", "openapi eventCountLimit",
    orderBy="eventTime", eventCountLimit=2, maxEventCount=2,
)  # fmt: skip
_unanswerable("eventCountLimit needs orderBy", "openapi eventCountLimit", eventCountLimit=2)
_unanswerable("an unknown orderBy is refused", "openapi orderBy", orderBy="colour")
_unanswerable(
    "an unknown orderDirection is refused", "openapi orderDirection", orderBy="eventTime", orderDirection="UP"
)
_unanswerable("maxEventCount is a number", "openapi maxEventCount", maxEventCount="many")


@clause(EVENTS, "E8 an address of 20,000 characters is answered, or 414", "openapi GET /events 414")
def _(repository: Repository) -> None:
    answer = repository.get(EVENTS, params={"EQ_eventID": "urn:x:" + "a" * 20_000})
    if answer.status_code != 200:
        problem(answer, 414, "URITooLongException")


@clause(EVENTS, "E7 a quantity without unit is found by EQ_quantity", "openapi EQ_quantity", Weight.MAY)
def _(repository: Repository) -> None:
    told = counted(20)
    del told["quantityList"][0]["uom"]
    repository.captured(told)
    require(len(repository.events(EQ_eventID=told["eventID"], EQ_quantity=20)) == 1, "it is not found")
