"""The repository that is judged: requests to it, and what is expected of its answers."""

import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import httpx2

from conformance.clauses import Broken, NotAsked, NotOffered
from conformance.documents import JSON_LD, Event, document

PATIENCE = 30
"""Seconds that a capture job, or a delivery, may take."""
_ABSENT = (404, 405, 501)


@dataclass(frozen=True)
class Options:
    """Where the repository is, and what it is asked with."""

    address: str
    token: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    receiver: str = ""
    destination: str = "https://example.com/epcis-conformance"


class Repository:
    """A repository behind an address; remembers the last exchange, by which a failure is explained."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.base = options.address.rstrip("/")
        self.exchange = ""
        self.kept: dict[str, Any] = {}
        self._passes = {"Authorization": f"Bearer {options.token}"} if options.token else {}
        self._client = httpx2.Client(timeout=60, follow_redirects=False)
        self._queries: list[str] = []

    def close(self) -> None:
        """Drop the queries that were made, and hang up."""
        for path in self._queries:
            try:
                self.ask("DELETE", path)
            except httpx2.HTTPError:
                break
        self._client.close()

    def ask(self, method: str, path: str, *, known: bool = True, **request: Any) -> httpx2.Response:
        """Send a request to a path under the address, or along a link; ``known`` is False for a stranger."""
        url = self.resolve(path)
        at_home = httpx2.URL(url).netloc == httpx2.URL(self.base).netloc  # a link elsewhere is given no token
        own = {**self.options.headers, **self._passes} if known and at_home else {}
        headers = own | dict(request.pop("headers", None) or {})
        self.exchange = f"{method} {url}"
        answer = self._client.request(method, url, headers=headers, **request)
        asked = answer.request.url.raw_path.decode()
        self.exchange = f"{method} {asked[:300]} → {answer.status_code}"
        return answer

    def get(self, path: str, **request: Any) -> httpx2.Response:
        """Ask for a resource."""
        return self.ask("GET", path, **request)

    def post(self, path: str, told: Any, media_type: str = JSON_LD, **request: Any) -> httpx2.Response:
        """Send JSON, or bytes as they are."""
        headers = {"Content-Type": media_type} | dict(request.pop("headers", None) or {})
        body = {"content": told} if isinstance(told, bytes) else {"json": told}
        return self.ask("POST", path, headers=headers, **body, **request)

    def resolve(self, link: str) -> str:
        """The whole address of a path under the base, or of a link as the repository writes it."""
        if link.startswith(("http://", "https://")):
            return link
        root = str(httpx2.URL(self.base).path).rstrip("/")
        if root and (link == root or link.startswith((root + "/", root + "?"))):
            return str(httpx2.URL(self.base).copy_with(path="/")).rstrip("/") + link
        return self.base + (link if link.startswith("/") else "/" + link)

    def offers(self, resource: str) -> None:
        """Go on only where an optional resource is there at all."""
        if resource not in self.kept:
            self.kept[resource] = self.get(resource).status_code
        if self.kept[resource] in _ABSENT:
            raise NotOffered(f"GET {resource} → {self.kept[resource]}")

    def stranger(self) -> None:
        """Go on only where a stranger can be told from whoever asks."""
        if not self._passes and not self.options.headers:
            raise NotAsked("no --token or --header was given, so there is no stranger to turn away")

    # Capture and questions

    def capture(self, *events: Event, behaviour: str = "") -> dict[str, Any]:
        """Capture events as one document, wait until the job is done, and say how it ended."""
        headers = {"GS1-Capture-Error-Behaviour": behaviour} if behaviour else {}
        answer = expect(self.post("/capture", document(*events), headers=headers), 202)
        return self.finished(header(answer, "Location"))

    def captured(self, *events: Event) -> None:
        """Capture events, all of which must be taken."""
        job = self.capture(*events)
        require(job.get("success") is True, f"the capture job did not succeed: {job.get('errors')}")

    def finished(self, location: str) -> dict[str, Any]:
        """A capture job, once it runs no longer."""
        end = time.monotonic() + PATIENCE
        while True:
            job = content(expect(self.get(location), 200))
            require(isinstance(job, dict), "a capture job is an object")
            if job.get("running") is not True:
                return dict(job)
            require(time.monotonic() < end, f"the capture job still runs after {PATIENCE} seconds")
            time.sleep(0.2)

    def events(self, path: str = "/events", **parameters: Any) -> list[Event]:
        """The events that answer a question, over all pages."""
        found: list[Event] = []
        answer = expect(self.get(path, params=parameters), 200)
        while True:
            found += events_of(answer)
            following = next_link(answer)
            if not following:
                return found
            require(len(found) < 10_000, "the pages do not end")
            answer = expect(self.get(following), 200)

    def event(self, event_id: str, **headers: str) -> Event:
        """One event by its eventID, as it was captured unless the headers say otherwise."""
        wanted = {"GS1-EPC-Format": "Never_Translates"} | headers
        path = f"/events/{quote(event_id, safe='')}"
        answer = self.get(path, headers=wanted)
        if answer.status_code == 406:  # no translation is refused: take what is answered by default
            answer = self.get(path)
        found = events_of(expect(answer, 200))
        require(bool(found), "no event is answered")
        return found[0]

    def query(self, name: str, **query: Any) -> str:
        """Make a named query and say where it is; it is dropped in the end."""
        answer = expect(self.post("/queries", {"name": name, "query": query}, "application/json"), 201)
        self._queries.append(f"/queries/{name}")
        return header(answer, "Location")


# What is expected of an answer


def require(holds: bool, otherwise: str) -> None:
    """Break the clause, with the reason, where something does not hold."""
    if not holds:
        raise Broken(otherwise)


def expect(answer: httpx2.Response, *statuses: int) -> httpx2.Response:
    """The answer, if it has one of these statuses; 501 says that this is not offered."""
    if answer.status_code == 501 and 501 not in statuses:
        raise NotOffered("501")
    wanted = " or ".join(map(str, statuses))
    require(answer.status_code in statuses, f"{wanted} was expected: {answer.text[:200]!r}")
    return answer


def header(answer: httpx2.Response, name: str) -> str:
    """A header's value, which must be there."""
    require(bool(answer.headers.get(name)), f"the header {name} is missing")
    return str(answer.headers[name])


def content(answer: httpx2.Response) -> Any:
    """An answer's JSON."""
    kind = answer.headers.get("Content-Type", "")
    require("json" in kind, f"JSON was expected, and {kind or 'nothing'} came")
    try:
        return answer.json()
    except ValueError as problem:
        raise Broken("the answer is no JSON") from problem


def events_of(answer: httpx2.Response) -> list[Event]:
    """The events of an EPCISQueryDocument, or the one event that stands by itself."""
    told = content(answer)
    require(isinstance(told, dict), "an EPCISQueryDocument is an object")
    if "epcisBody" not in told:
        return [told]
    body = told["epcisBody"]
    for name in ("queryResults", "resultsBody", "eventList"):
        require(isinstance(body, dict) and name in body, f"the EPCISQueryDocument has no {name}")
        body = body[name]
    return list(body)


def next_link(answer: httpx2.Response) -> str:
    """Where the next page is; empty on the last."""
    following = answer.links.get("next", {}).get("url", "")
    return str(following)


def problem(answer: httpx2.Response, status: int | tuple[int, ...], *kinds: str) -> dict[str, Any]:
    """A refusal as RFC 7807 has it: status, media type, title, and one of these kinds of exception."""
    expect(answer, *((status,) if isinstance(status, int) else status))
    kind = answer.headers.get("Content-Type", "")
    require(kind.startswith("application/problem+json"), f"application/problem+json was expected, and {kind} came")
    told = content(answer)
    require(isinstance(told, dict) and bool(told.get("title")), "the problem has no title")
    require(told.get("status", answer.status_code) == answer.status_code, "the problem's status is another")
    names = [f"epcisException:{name}" for name in kinds]
    require(told.get("type") in names, f"the type is {told.get('type')!r}, not {' or '.join(names)}")
    return dict(told)


def ids(events: list[Event]) -> list[str]:
    """The eventIDs of events."""
    return [str(event.get("eventID")) for event in events]
