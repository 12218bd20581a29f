"""Named queries, and who is told of their answers (E10)."""

import base64
import hashlib
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from conformance.cases.operations import filled, subscribed
from conformance.clauses import NotAsked, NotOffered, Weight, clause
from conformance.documents import event, piece, token
from conformance.repository import PATIENCE, Repository, content, events_of, expect, header, ids, problem, require

QUERIES, QUERY = "/queries", "/queries/{queryName}"
SUBSCRIPTIONS = "/queries/{queryName}/subscriptions"
CONTROLS = ("SubscriptionControlsException", "ValidationException")


def _new(repository: Repository, **query: Any) -> tuple[str, str]:
    """A fresh query: its name, and where it is."""
    repository.offers(QUERIES)
    name = "conformance" + token()
    return name, repository.query(name, **query)


@clause(QUERIES, "E10 a named query is made, and Location leads to it", "openapi POST /queries 201")
def _(repository: Repository) -> None:
    query = {"eventType": ["ObjectEvent"], "EQ_bizStep": ["shipping", "receiving"], "GE_quantity": 4}
    name, where = _new(repository, **query)
    told = content(expect(repository.get(where), 200))
    told = told[0] if isinstance(told, list) else told  # openapi's schema is a list, its example is not
    require((told.get("name"), told.get("query")) == (name, query), "it is not as it was made")


@clause(QUERIES, "E10 a name is taken once", "openapi POST /queries 409")
def _(repository: Repository) -> None:
    name, _where = _new(repository, eventType=["ObjectEvent"])
    again = repository.post(QUERIES, {"name": name, "query": {}}, "application/json")
    problem(again, 409, "ResourceAlreadyExistsException")


@clause(QUERIES, "E10 queries are listed with what they ask", "openapi GET /queries 200")
def _(repository: Repository) -> None:
    name, _where = _new(repository, eventType=["ObjectEvent"])
    listed = content(expect(repository.get(QUERIES, params={"perPage": 1000}), 200))
    mine = [one for one in listed if one.get("name") == name]
    require(len(mine) == 1 and mine[0].get("query") == {"eventType": ["ObjectEvent"]}, "it is not listed")


@clause(QUERY, "E10 DELETE drops a query", "openapi DELETE /queries/{queryName} 204")
def _(repository: Repository) -> None:
    name, where = _new(repository, eventType=["ObjectEvent"])
    expect(repository.ask("DELETE", where), 204)
    problem(repository.get(where), 404, "NoSuchNameException", "NoSuchResourceException")
    expect(repository.get(f"/queries/{name}/events"), 404)


for _number, (_what, _body) in enumerate(
    {
        "no object": [],
        "without a name": {"query": {}},
        "without a query": {"name": "conformance-without"},
        "of an unknown parameter": {"name": "conformance-unknown", "query": {"EQ_colour": ["red"]}},
        "of a time that is none": {"name": "conformance-time", "query": {"GE_eventTime": "yesterday"}},
    }.items()
):

    def _refuses(repository: Repository, body: Any = _body) -> None:
        repository.offers(QUERIES)
        answer = repository.post(QUERIES, body, "application/json")
        problem(answer, 400, "QueryParameterException", "QueryValidationException", "ValidationException")

    clause(QUERIES, f"E10 a query is refused: {_what}", "query-schema.json; openapi 400QueryIssues")(_refuses)


@clause(
    f"{QUERY}/events", "E10 a query's events answer it, and nothing else", "openapi GET /queries/{queryName}/events"
)
def _(repository: Repository) -> None:
    mine = piece()
    meant, other = event(epcList=[mine], action="ADD"), event(epcList=[mine])
    name, _where = _new(repository, MATCH_anyEPC=[mine, piece()], EQ_action=["ADD", "DELETE"])
    repository.captured(meant, other)
    require(ids(repository.events(f"/queries/{name}/events")) == [meant["eventID"]], "it is answered otherwise")


@clause(f"{QUERY}/events", "E10 numbers and truths are asked as JSON has them", "query-schema.json")
def _(repository: Repository) -> None:
    mine = piece()
    reading = {"sensorReport": [{"type": "Temperature", "value": 4, "uom": "CEL", "booleanValue": False}]}
    told = event(epcList=[mine], sensorElementList=[reading])
    query = {"MATCH_anyEPC": [mine], "EQ_value_KEL": [277.15], "EQ_booleanValue": False, "eventType": ["ObjectEvent"]}
    name, _where = _new(repository, **query)
    repository.captured(told)
    require(ids(repository.events(f"/queries/{name}/events")) == [told["eventID"]], "the event is not found")


@clause(f"{QUERY}/events", "E10 a query's events come page by page", "openapi GET /queries/{queryName}/events, Link")
def _(repository: Repository) -> None:
    mine = piece()
    name, _where = _new(repository, MATCH_anyEPC=[mine])
    told = [event(epcList=[mine]) for _number in range(5)]
    repository.captured(*told)
    first = expect(repository.get(f"/queries/{name}/events", params={"perPage": 2}), 200)
    require(len(events_of(first)) <= 2 and "next" in first.links, "the first page is not two events and a Link")
    require(sorted(ids(repository.events(f"/queries/{name}/events", perPage=2))) == sorted(ids(told)), "not all five")


@clause(
    f"{QUERY}/events",
    "E10 a WebSocket is opened for a stream",
    "openapi GET /queries/{queryName}/events 101",
    Weight.MAY,
)
def _(repository: Repository) -> None:
    name, _where = _new(repository, MATCH_anyEPC=[piece()])
    answer = _upgraded(repository, name, stream="true")
    require(header(answer, "Upgrade").lower() == "websocket", "Upgrade does not say websocket")
    require(header(answer, "Sec-WebSocket-Accept") == _ACCEPTED, "Sec-WebSocket-Accept does not answer the key")


for _asked in ({"stream": "true", "minute": "5"}, {}):

    def _neither_nor(repository: Repository, asked: Any = _asked) -> None:
        name, _where = _new(repository, MATCH_anyEPC=[piece()])
        _upgraded(repository, name, stream="true")
        answer = repository.get(f"/queries/{name}/events", params=asked, headers=_UPGRADE)
        problem(answer, 400, "SubscriptionControlsException")

    clause(
        f"{QUERY}/events",
        f"E10 a WebSocket is refused: {'a stream and a schedule' if _asked else 'neither a stream nor a schedule'}",
        "openapi GET /queries/{queryName}/events 400SubscriptionIssues",
        Weight.MAY,
    )(_neither_nor)

_UPGRADE = {
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "Y29uZm9ybWFuY2VzdWl0ZQ==",
}
_ANSWERED = f"{_UPGRADE['Sec-WebSocket-Key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11".encode()
_ACCEPTED = base64.b64encode(hashlib.sha1(_ANSWERED, usedforsecurity=False).digest()).decode()
"""RFC 6455, 4.2.2."""


def _upgraded(repository: Repository, name: str, **asked: str) -> Any:
    """The answer that opens a WebSocket, which is closed at once."""
    answer = repository.get(f"/queries/{name}/events", params=asked, headers=_UPGRADE)
    if answer.status_code != 101:
        raise NotOffered(str(answer.status_code))
    return answer


# Subscriptions


@clause(SUBSCRIPTIONS, "E10 a subscription is made, and Location leads to it", "openapi POST 201")
def _(repository: Repository) -> None:
    where = filled(repository, SUBSCRIPTIONS)
    secret = token()
    told = {"dest": repository.options.destination, "stream": True, "signatureToken": secret}
    answer = expect(repository.post(where, told, "application/json"), 201)
    made = content(answer)
    require({"subscriptionID", "createdAt", "dest"} <= made.keys(), "subscriptionID, createdAt or dest is missing")
    require(secret not in answer.text, "the secret is answered")
    location = header(answer, "Location")
    require(location.endswith(str(made["subscriptionID"])), "Location leads elsewhere")
    shown = expect(repository.get(location), 200)
    require(content(shown)["subscriptionID"] == made["subscriptionID"], "another subscription is answered")
    require(secret not in shown.text, "the secret is answered")


@clause(SUBSCRIPTIONS, "E10 a subscription by schedule is made", "openapi QueryScheduleSubscription")
def _(repository: Repository) -> None:
    schedule = {"hour": "1", "minute": "5"}
    told = {"dest": repository.options.destination, "schedule": schedule, "reportIfEmpty": False}
    answer = repository.post(filled(repository, SUBSCRIPTIONS), told, "application/json")
    require(content(expect(answer, 201)).get("schedule") == schedule, "its schedule is another")


@clause(SUBSCRIPTIONS, "E10 subscriptions are listed", "openapi GET 200")
def _(repository: Repository) -> None:
    name, _where = _new(repository, MATCH_anyEPC=[piece()])
    mine = {subscribed(repository, name) for _number in range(2)}
    listed = content(expect(repository.get(f"/queries/{name}/subscriptions"), 200))
    require({str(one["subscriptionID"]) for one in listed} == mine, "not the two that were made")


@clause(f"{SUBSCRIPTIONS}/{{subscriptionID}}", "E10 DELETE ends a subscription", "openapi DELETE 204")
def _(repository: Repository) -> None:
    where = filled(repository, f"{SUBSCRIPTIONS}/{{subscriptionID}}")
    expect(repository.ask("DELETE", where), 204)
    problem(repository.get(where), 404, "NoSuchNameException", "NoSuchResourceException")


@clause(QUERY, "E10 dropping a query ends its subscriptions", "openapi DELETE /queries/{queryName} 204")
def _(repository: Repository) -> None:
    name, where = _new(repository, MATCH_anyEPC=[piece()])
    mine = subscribed(repository, name)
    expect(repository.ask("DELETE", where), 204)
    expect(repository.get(f"/queries/{name}/subscriptions/{mine}"), 404)


def _controls(name: str, **told: Any) -> None:
    @clause(SUBSCRIPTIONS, f"E10 a subscription is refused: {name}", "openapi 400SubscriptionIssues")
    def _(repository: Repository) -> None:
        body = {"dest": repository.options.destination} | told
        problem(repository.post(filled(repository, SUBSCRIPTIONS), body, "application/json"), 400, *CONTROLS)


_controls("neither schedule nor stream")
_controls("both schedule and stream", stream=True, schedule={"hour": "1"})
_controls("stream is false, and no schedule", stream=False)
_controls("an hour that no day has", schedule={"hour": "25"})
_controls("a destination that is none", dest="nowhere", stream=True)
_controls("an initialRecordTime that is none", stream=True, initialRecordTime="yesterday")


def _own_network(address: str) -> None:
    host = urlsplit(address).hostname

    @clause(
        SUBSCRIPTIONS,
        f"E10 the repository's own network is no destination ({host})",
        "no requests forged from within",
        Weight.MAY,
    )
    def _(repository: Repository) -> None:
        if repository.options.receiver:
            raise NotAsked("a --receiver was given, which may lie in that network")
        told = {"dest": address, "stream": True}
        problem(repository.post(filled(repository, SUBSCRIPTIONS), told, "application/json"), 400, *CONTROLS)


for _address in ("https://127.0.0.1/hook", "https://10.1.2.3/hook", "https://169.254.169.254/latest", "https://[::1]/"):
    _own_network(_address)


# What is told


@contextmanager
def _receiver(repository: Repository) -> Iterator[list[tuple[int, dict[str, str], bytes]]]:
    """Listen where --receiver says; the first delivery is not taken (503), every later one is."""
    if not repository.options.receiver:
        raise NotAsked("no --receiver was given, where deliveries could be taken")
    taken: list[tuple[int, dict[str, str], bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            status = 204 if taken else 503
            taken.append((status, {name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Nothing is said of it."""

    server = ThreadingHTTPServer(("", urlsplit(repository.options.receiver).port or 80), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield taken
    finally:
        server.shutdown()
        server.server_close()


@clause(
    SUBSCRIPTIONS,
    "E10 each answer is delivered: signed, again when it was not taken, then not again",
    "openapi webhook",
)
def _(repository: Repository) -> None:
    filled(repository, QUERIES)
    with _receiver(repository) as taken:
        mine = piece()
        told = [event(epcList=[mine]) for _number in range(3)]
        name, _where = _new(repository, MATCH_anyEPC=[mine])
        body = {"dest": repository.options.receiver, "stream": True, "signatureToken": token()}
        expect(repository.post(f"/queries/{name}/subscriptions", body, "application/json"), 201)
        repository.captured(*told)
        end = time.monotonic() + PATIENCE
        while len(_delivered(taken)) < len(told):
            require(time.monotonic() < end, f"{len(_delivered(taken))} of 3 events came in {PATIENCE} seconds")
            time.sleep(0.2)
        time.sleep(2)
        delivered = _delivered(taken)
        require(len(delivered) == len(set(delivered)), "an event was delivered twice after it was taken")
        require(set(delivered) == set(ids(told)), "other events were delivered")
        require(all(headers.get("gs1-signature") for _status, headers, _body in taken), "GS1-Signature is missing")
        kinds = {json.loads(body).get("type") for _status, _headers, body in taken}
        require(kinds == {"EPCISQueryDocument"}, f"what came is {kinds}")


def _delivered(taken: list[tuple[int, dict[str, str], bytes]]) -> list[str]:
    """The eventIDs of what was taken."""
    bodies = [json.loads(body) for status, _headers, body in taken if status < 300]
    return [one["eventID"] for body in bodies for one in body["epcisBody"]["queryResults"]["resultsBody"]["eventList"]]
