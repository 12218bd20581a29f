"""Page by page: nothing missed, nothing twice, whatever comes meanwhile (E9)."""

from urllib.parse import parse_qs, quote, urlsplit

import httpx2

from conformance.cases.operations import KINDS, filled
from conformance.clauses import NotAsked, Weight, clause
from conformance.documents import event, moment, piece, place, token
from conformance.repository import Repository, content, events_of, expect, header, ids, next_link, problem, require

EVENTS, TOKEN = "/events", "/nextPageToken/{token}"


def _many(repository: Repository, count: int = 13) -> tuple[str, list[str]]:
    """A fresh piece, and the eventIDs of events of it."""
    mine = piece()
    told = [event(epcList=[mine], eventTime=moment(number - 600)) for number in range(count)]
    repository.captured(*told)
    return mine, ids(told)


@clause(EVENTS, "E9 each event stands on one page, and Link leads to the next", "openapi PerPage, Link")
def _(repository: Repository) -> None:
    mine, told = _many(repository)
    answer = expect(repository.get(EVENTS, params={"MATCH_anyEPC": mine, "perPage": 4}), 200)
    found: list[str] = []
    for _page in range(20):
        page = ids(events_of(answer))
        require(len(page) <= 4, f"a page has {len(page)} events")
        found += page
        if not next_link(answer):
            break
        answer = expect(repository.get(next_link(answer)), 200)
    require(not next_link(answer), "the last page leads on")
    require(len(found) == len(set(found)), "an event is shown twice")
    require(set(found) == set(told), f"{len(set(told) - set(found))} events are missed")


@clause(EVENTS, "E9 with a next page comes until when its token holds", "openapi GS1-Next-Page-Token-Expires")
def _(repository: Repository) -> None:
    answer = expect(repository.get(EVENTS, params={"MATCH_anyEPC": _many(repository, 3)[0], "perPage": 1}), 200)
    require("nextPageToken" in next_link(answer), "Link has no nextPageToken")
    header(answer, "GS1-Next-Page-Token-Expires")


@clause(EVENTS, "E9 the only page has no Link to a next", "openapi PerPage")
def _(repository: Repository) -> None:
    answer = expect(repository.get(EVENTS, params={"MATCH_anyEPC": _many(repository, 3)[0], "perPage": 30}), 200)
    require(not next_link(answer), "it leads on")


def _steady(name: str, **order: str) -> None:
    @clause(EVENTS, f"E9 what is captured meanwhile disturbs no page: {name}", "openapi PerPage")
    def _(repository: Repository) -> None:
        mine, told = _many(repository)
        answer = expect(repository.get(EVENTS, params={"MATCH_anyEPC": mine, "perPage": 3} | order), 200)
        found = ids(events_of(answer))
        while next_link(answer):
            repository.captured(*(event(epcList=[mine], eventTime=moment(shift - 595)) for shift in (-900, 0, 900)))
            answer = expect(repository.get(next_link(answer)), 200)
            found += ids(events_of(answer))
            require(len(found) < 200, "the pages do not end")
        require(len(found) == len(set(found)), "an event is shown twice")
        require(set(told) <= set(found), f"{len(set(told) - set(found))} events of the first look are missed")


_steady("in the repository's own order")
_steady("orderBy=eventTime, ASC", orderBy="eventTime", orderDirection="ASC")
_steady("orderBy=eventTime, DESC", orderBy="eventTime", orderDirection="DESC")


@clause(EVENTS, "E9 a token that nobody gave is refused", "openapi NextPageToken")
def _(repository: Repository) -> None:
    answer = repository.get(EVENTS, params={"nextPageToken": token()})
    kinds = ("QueryParameterException", "ValidationException", "NoSuchResourceException", "QueryValidationException")
    problem(answer, (400, 404), *kinds)


@clause(EVENTS, "E9 a token does not serve another question", "openapi NextPageToken", Weight.MAY)
def _(repository: Repository) -> None:
    answer = expect(repository.get(EVENTS, params={"MATCH_anyEPC": _many(repository, 3)[0], "perPage": 1}), 200)
    asked = {"MATCH_anyEPC": piece(), "perPage": 1, "nextPageToken": token_of(answer)}
    problem(repository.get(EVENTS, params=asked), 400, "QueryParameterException", "ValidationException")


def token_of(answer: httpx2.Response) -> str:
    """The token in the Link to the next page."""
    [given] = parse_qs(urlsplit(next_link(answer)).query).get("nextPageToken", [""])
    require(bool(given), "Link has no nextPageToken")
    return str(given)


@clause(TOKEN, "E9 DELETE /nextPageToken/{token} forgets it, or says 501", "openapi DELETE 204, 501")
def _(repository: Repository) -> None:
    asked = {"MATCH_anyEPC": _many(repository, 3)[0], "perPage": 1}
    given = token_of(expect(repository.get(EVENTS, params=asked), 200))
    answer = expect(repository.ask("DELETE", f"/nextPageToken/{quote(given, safe='')}"), 204, 501)
    if answer.status_code == 501:
        problem(answer, 501, "ImplementationException")
    else:
        again = repository.get(EVENTS, params=asked | {"nextPageToken": given})
        require(400 <= again.status_code < 500, "the token still serves")


for _size in ("0", "-1", "many"):

    def _refuses(repository: Repository, size: str = _size) -> None:
        answer = repository.get(EVENTS, params={"perPage": size})
        problem(answer, 400, "QueryParameterException", "ValidationException")

    clause(EVENTS, f"E9 perPage={_size} is refused", "openapi PerPage")(_refuses)


# The other lists


def _listed(path: str) -> None:
    @clause(path, f"E9 GET {path} comes page by page", f"openapi GET {path}, perPage and Link")
    def _(repository: Repository) -> None:
        where = filled(repository, path)
        _two(repository, path, where)
        first = expect(repository.get(where, params={"perPage": 1}), 200)
        require(len(_members(first)) == 1, f"the first page has {len(_members(first))} members")
        require(bool(next_link(first)), "it leads to no next page")
        header(first, "GS1-Next-Page-Token-Expires")
        second = expect(repository.get(next_link(first)), 200)
        require(_members(second) != _members(first), "the second page is the first")


def _members(answer: httpx2.Response) -> list[object]:
    told = content(answer)
    return list(told if isinstance(told, list) else told.get("member", []))


def _two(repository: Repository, path: str, where: str) -> None:
    """See to it that a list has two members."""
    if path == "/queries":
        for _number in range(2):
            repository.query("conformance" + token(), MATCH_anyEPC=[piece()])
    elif path.endswith("subscriptions"):
        for _number in range(2):
            told = {"dest": repository.options.destination, "stream": True}
            expect(repository.post(where, told, "application/json"), 201)
    elif path in ("/bizSteps", "/dispositions", "/readPoints", "/bizLocations", "/epcs", "/capture"):
        steps = (("packing", "active"), ("unpacking", "inactive"))
        for step, disposition in steps:
            there = {"id": place()}
            repository.captured(event(bizStep=step, disposition=disposition, readPoint=there, bizLocation=there))


for _path in ("/capture", *(f"/{kind}" for kind in KINDS), "/queries", "/queries/{queryName}/subscriptions"):
    _listed(_path)


@clause(EVENTS, "E9 1,000 events are paged through while 100 come", "openapi PerPage", Weight.MAY)
def _(repository: Repository) -> None:
    limit = repository.ask("OPTIONS", "/capture").headers.get("GS1-EPCIS-Capture-Limit", "0")
    if limit.isdecimal() and int(limit) < 1_000:
        raise NotAsked(f"only {limit} events are captured at once")
    mine, told = _many(repository, 1_000)
    answer = expect(repository.get(EVENTS, params={"MATCH_anyEPC": mine, "perPage": 100}), 200)
    found = ids(events_of(answer))
    while next_link(answer) and len(found) < 2_000:
        repository.captured(*(event(epcList=[mine]) for _number in range(10)))
        answer = expect(repository.get(next_link(answer)), 200)
        found += ids(events_of(answer))
    require(len(found) == len(set(found)) and set(told) <= set(found), "events are missed or shown twice")
