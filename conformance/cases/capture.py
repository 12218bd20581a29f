"""Capture: documents, jobs, what is done with errors, and how much is taken at once (E1, E2, E15)."""

import json
import time
from itertools import pairwise
from typing import Any

import httpx2

from conformance import documents
from conformance.clauses import NotAsked, NotOffered, Weight, clause
from conformance.documents import document, event, token
from conformance.repository import PATIENCE, Repository, content, expect, header, ids, problem, require

CAPTURE = "/capture"
_LARGEST = 64 * 1024 * 1024


def _refused(repository: Repository, told: Any) -> None:
    """A document that no repository keeps: 400 at once, or a job that did not succeed."""
    answer = repository.post(CAPTURE, told)
    if answer.status_code == 202:
        job = repository.finished(header(answer, "Location"))
        require(job.get("success") is False, "the capture job succeeded")
    else:
        problem(answer, 400, "ValidationException")


@clause(CAPTURE, "E1 a document is taken, and its job is where Location says", "openapi POST /capture 202")
def _(repository: Repository) -> None:
    told = event()
    answer = expect(repository.post(CAPTURE, document(told)), 202)
    job = repository.finished(header(answer, "Location"))
    require("/capture/" in header(answer, "Location"), "Location is no /capture/{captureID}")
    require(job.get("success") is True, f"the job did not succeed: {job}")
    require(ids(repository.events(EQ_eventID=told["eventID"])) == [told["eventID"]], "the event is not found")


@clause(CAPTURE, "E1 a document may be sent as application/json", "openapi POST /capture, request body")
def _(repository: Repository) -> None:
    expect(repository.post(CAPTURE, document(event()), "application/json"), 202)


@clause(CAPTURE, "E1 an EPCISQueryDocument is taken as well", "openapi POST /capture, description")
def _(repository: Repository) -> None:
    told = event()
    results = {"queryName": "conformance", "resultsBody": {"eventList": [told]}}
    whole = document(type="EPCISQueryDocument", epcisBody={"queryResults": results})
    answer = expect(repository.post(CAPTURE, whole), 202)
    require(repository.finished(header(answer, "Location")).get("success") is True, "the job did not succeed")
    require(len(repository.events(EQ_eventID=told["eventID"])) == 1, "the event is not found")


@clause(CAPTURE, "E1 a document without events is taken", "EPCIS-JSON-Schema, eventList", Weight.MAY)
def _(repository: Repository) -> None:
    repository.captured()


_BROKEN: dict[str, Any] = {
    "no JSON": b"{",
    "an empty body": b"",
    "a list": [],
    "no @context": {name: value for name, value in document(event()).items() if name != "@context"},
    "no epcisBody": {name: value for name, value in document(event()).items() if name != "epcisBody"},
    "another type": document(event(), type="Document"),
    "no schemaVersion": {name: value for name, value in document(event()).items() if name != "schemaVersion"},
}
_BROKEN_EVENTS: dict[str, documents.Event] = {
    "without eventTime": event(eventTime=None),
    "without eventTimeZoneOffset": event(eventTimeZoneOffset=None),
    "without type": event(type=None),
    "of an unknown type": event(type="MovingEvent"),
    "without action": event(action=None),
    "with an unknown action": event(action="LOOK"),
    "with an eventTime that is none": event(eventTime="yesterday"),
    "with an offset that is none": event(eventTimeZoneOffset="eight"),
    "with a bizStep that CBV does not know": event(bizStep="flying"),
    "with a disposition that CBV does not know": event(disposition="happy"),
    "with an epcList that is none": event(epcList="urn:epc:id:sgtin:0614141.107346.1"),
    "with a read point without id": event(readPoint={}),
    "with an extension of no declared prefix": event(**{"nobody:knows": 1}),
    "with a sensor element without a report (M121)": event(sensorElementList=[{"sensorReport": []}]),
}


def _broken(name: str, told: Any) -> None:
    @clause(CAPTURE, f"E1 a document is refused: {name}", "openapi POST /capture 400")
    def _(repository: Repository) -> None:
        problem(repository.post(CAPTURE, told), 400, "ValidationException")


def _broken_event(name: str, told: documents.Event) -> None:
    @clause(CAPTURE, f"E1 an event is refused: {name}", "openapi POST /capture 400 or the job; EPCIS-JSON-Schema")
    def _(repository: Repository) -> None:
        fresh = told | {"eventID": documents.new_id()}
        _refused(repository, document(fresh))
        require(repository.events(EQ_eventID=fresh["eventID"]) == [], "the event was kept all the same")


for _name, _told in _BROKEN.items():
    _broken(_name, _told)
for _name, _event in _BROKEN_EVENTS.items():
    _broken_event(_name, _event)


@clause(CAPTURE, "E2 rollback is the default: with one bad event nothing is kept", "openapi CaptureJob")
def _(repository: Repository) -> None:
    good, bad = event(), event(eventTime="yesterday")
    _refused(repository, document(good, bad))
    require(repository.events(EQ_eventID=good["eventID"]) == [], "the good event was kept")


@clause(CAPTURE, "E2 rollback as asked for", "openapi GS1-Capture-Error-Behaviour")
def _(repository: Repository) -> None:
    good, bad = event(), event(eventTime="yesterday")
    answer = repository.post(CAPTURE, document(good, bad), headers={"GS1-Capture-Error-Behaviour": "rollback"})
    if answer.status_code == 202:
        job = repository.finished(header(answer, "Location"))
        require(job.get("captureErrorBehaviour") == "rollback", "the job says another behaviour")
        require(job.get("success") is False, "the job succeeded")
    else:
        problem(answer, 400, "ValidationException")
    require(repository.events(EQ_eventID=good["eventID"]) == [], "the good event was kept")


@clause(CAPTURE, "E2 proceed keeps the good events, and the job says that not all were", "openapi CaptureJob")
def _(repository: Repository) -> None:
    good, bad = event(), event(eventTime="yesterday")
    job = repository.capture(good, bad, behaviour="proceed")
    require(job.get("captureErrorBehaviour") == "proceed", "the job says another behaviour")
    require(job.get("success") is False, "the job says success")
    require(bool(job.get("errors") or job.get("errorFile")), "the job names no error")
    for error in job.get("errors") or []:
        require({"type", "title"} <= error.keys(), "an error is no problem of RFC 7807")
    require(ids(repository.events(EQ_eventID=good["eventID"])) == [good["eventID"]], "the good event was not kept")


@clause(CAPTURE, "E2 an unknown error behaviour is refused", "openapi GS1-Capture-Error-Behaviour", Weight.MAY)
def _(repository: Repository) -> None:
    headers = {"GS1-Capture-Error-Behaviour": "shrug"}
    problem(
        repository.post(CAPTURE, document(event()), headers=headers),
        400,
        "ValidationException",
        "QueryParameterException",
    )


@clause("/capture/{captureID}", "E2 a job tells what CaptureJob has", "openapi CaptureJob")
def _(repository: Repository) -> None:
    job = repository.capture(event())
    needed = {"captureID", "createdAt", "running", "success", "captureErrorBehaviour"}
    require(needed <= job.keys(), f"missing: {sorted(needed - job.keys())}")
    require((job["running"], job["success"]) == (False, True), "all was captured: running false, success true")
    require(bool(job.get("finishedAt")), "it does not say when it was finished")
    require("errors" in job or "errorFile" in job, "it says neither errors nor errorFile")


@clause(CAPTURE, "E2 the jobs are listed", "openapi GET /capture 200")
def _(repository: Repository) -> None:
    mine = {str(repository.capture(event())["captureID"]) for _ in range(2)}
    listed = content(expect(repository.get(CAPTURE, params={"perPage": 1000}), 200))
    require(isinstance(listed, list), "the jobs are a list")
    require(mine <= {str(job.get("captureID")) for job in listed}, "jobs that were just made are not listed")


ASYNC = {"Prefer": "respond-async"}


def _states(job: dict[str, Any]) -> tuple[bool, bool]:
    """What a job says of itself; when it was finished it says once it is, and not before."""
    running, success = job.get("running"), job.get("success")
    require(isinstance(running, bool) and isinstance(success, bool), "running and success are true or false")
    require(bool(job.get("finishedAt")) is not running, f"running is {running}, finishedAt {job.get('finishedAt')!r}")
    return bool(running), bool(success)


def _watched(repository: Repository, answer: httpx2.Response) -> list[tuple[bool, bool]]:
    """The states of a job, one after the other, until it runs no longer."""
    location, end = header(expect(answer, 202), "Location"), time.monotonic() + PATIENCE
    seen = [_states(content(expect(repository.get(location), 200)))]
    while seen[-1][0]:
        require(time.monotonic() < end, f"the capture job still runs after {PATIENCE} seconds")
        time.sleep(0.1)
        seen.append(_states(content(expect(repository.get(location), 200))))
    return seen


@clause(
    "/capture/{captureID}", "E2 a job without errors goes from true, true to false, true", "openapi CaptureJob, table"
)
def _(repository: Repository) -> None:
    seen = _watched(repository, repository.post(CAPTURE, document(event(), event()), headers=ASYNC))
    require(set(seen) <= {(True, True), (False, True)}, f"(running, success) was {seen}")


@clause(
    "/capture/{captureID}", "E2 with proceed a job that met an error says so to its end", "openapi CaptureJob, table"
)
def _(repository: Repository) -> None:
    good, bad = event(), event(eventTime="yesterday")
    headers = ASYNC | {"GS1-Capture-Error-Behaviour": "proceed"}
    seen = _watched(repository, repository.post(CAPTURE, document(good, bad), headers=headers))
    require(seen[-1] == (False, False), f"(running, success) ended as {seen[-1]}")
    changes = [was for was, then in pairwise(seen) if then[1] and not was[1]]
    require(changes == [], f"an error was taken back: {seen}")
    require(len(repository.events(EQ_eventID=good["eventID"])) == 1, "the good event is not kept")


@clause("/capture/{captureID}", "E2 a job that was rolled back says why, and kept nothing", "openapi CaptureJob, table")
def _(repository: Repository) -> None:
    good, bad = event(), event(eventTime="yesterday")
    answer = repository.post(CAPTURE, document(good, bad), headers=ASYNC)
    if answer.status_code == 202:
        job = repository.finished(header(answer, "Location"))
        require(_states(job) == (False, False), "it is done, and was no success")
        require(bool(job.get("errors") or job.get("errorFile")), "it says no errors")
    else:
        problem(answer, 400, "ValidationException")
    require(repository.events(EQ_eventID=good["eventID"]) == [], "the good event was kept")


@clause(CAPTURE, "E1 Prefer: respond-async is answered before the work", "RFC 7240 §4.1", Weight.MAY)
def _(repository: Repository) -> None:
    told = event()
    answer = expect(repository.post(CAPTURE, document(told), headers=ASYNC), 202)
    if "respond-async" not in answer.headers.get("Preference-Applied", ""):
        raise NotOffered("no Preference-Applied: respond-async")
    require(repository.finished(header(answer, "Location")).get("success") is True, "the job did not succeed")
    require(len(repository.events(EQ_eventID=told["eventID"])) == 1, "the event is not found")


@clause(CAPTURE, "E1 as many events as GS1-EPCIS-Capture-Limit says are captured, each once", "openapi POST /capture")
def _(repository: Repository) -> None:
    limit, point = _limits(repository, "GS1-EPCIS-Capture-Limit"), {"id": documents.place()}
    if limit > 20_000:
        raise NotAsked(f"the limit is {limit} events")
    told = [event(readPoint=point) for _ in range(limit)]
    repository.captured(*told)
    found = ids(repository.events(EQ_readPoint=point["id"], perPage=500))
    require(sorted(found) == sorted(one["eventID"] for one in told), f"{len(found)} of {limit} events are found")


def _limits(repository: Repository, name: str) -> int:
    said = repository.ask("OPTIONS", CAPTURE).headers.get(name, "")
    if not said.isdecimal():
        raise NotOffered(f"OPTIONS /capture says no {name}")
    return int(said)


def _too_large(answer: httpx2.Response) -> None:
    problem(answer, 413, "CaptureLimitExceededException")
    require(
        bool(answer.headers.get("GS1-EPCIS-Capture-Limit") or answer.headers.get("GS1-EPCIS-Capture-File-Size-Limit")),
        "neither of the limits is named",
    )


@clause(CAPTURE, "E1 more events than GS1-EPCIS-Capture-Limit are 413", "openapi POST /capture 413")
def _(repository: Repository) -> None:
    limit = _limits(repository, "GS1-EPCIS-Capture-Limit")
    if limit > 20_000:
        raise NotAsked(f"the limit is {limit} events")
    _too_large(repository.post(CAPTURE, document(*(event() for _ in range(limit + 1)))))


@clause(CAPTURE, "E1 more bytes than GS1-EPCIS-Capture-File-Size-Limit are 413", "openapi POST /capture 413")
def _(repository: Repository) -> None:
    limit = _limits(repository, "GS1-EPCIS-Capture-File-Size-Limit")
    if limit > _LARGEST:
        raise NotAsked(f"the limit is {limit} bytes")
    body = json.dumps(document(event())).encode()
    _too_large(repository.post(CAPTURE, body + b" " * (limit + 1 - len(body))))


# E15: what no schema says


def _whole(inner: str) -> bytes:
    """A document's bytes with something in an extension that no JSON library writes."""
    mark = token()
    return json.dumps(document(event(**{"ex:odd": mark}))).replace(f'"{mark}"', inner).encode()


@clause(CAPTURE, "E15 NaN is no JSON", "RFC 8259 §6")
def _(repository: Repository) -> None:
    problem(repository.post(CAPTURE, _whole("NaN")), 400, "ValidationException")


@clause(
    CAPTURE, "E15 a name that stands twice in an object is refused", "RFC 8259 §4, names SHOULD be unique", Weight.MAY
)
def _(repository: Repository) -> None:
    problem(repository.post(CAPTURE, _whole('{"ex:a": 1, "ex:a": 2}')), 400, "ValidationException")


@clause(CAPTURE, "E15 a lone surrogate is refused", "RFC 8259 §8.2, unpredictable", Weight.MAY)
def _(repository: Repository) -> None:
    problem(repository.post(CAPTURE, _whole('"\\ud800"')), 400, "ValidationException")


@clause(CAPTURE, "E15 a byte order mark is read over", "RFC 8259 §8.1, parsers MAY ignore it", Weight.MAY)
def _(repository: Repository) -> None:
    body = b"\xef\xbb\xbf" + json.dumps(document(event())).encode()
    expect(repository.post(CAPTURE, body), 202)


@clause(CAPTURE, "E15 what nests deeper than anybody reads is refused, and breaks nothing", "RFC 8259 §9")
def _(repository: Repository) -> None:
    answer = repository.post(CAPTURE, _whole("[" * 50_000 + "]" * 50_000))
    require(answer.status_code in (202, 400, 413), "neither taken nor refused in order")


@clause(CAPTURE, "E15 a context that nobody knows is not fetched, but refused", "RFC 2606 .invalid", Weight.MAY)
def _(repository: Repository) -> None:
    unknown = [documents.CONTEXT, f"https://{token()}.invalid/context.jsonld"]
    problem(repository.post(CAPTURE, document(event(), **{"@context": unknown})), 400, "ValidationException")
