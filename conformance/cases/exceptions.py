"""The fifteen exceptions of openapi: what provokes each, and how it is told."""

from conformance.clauses import NotAsked, clause
from conformance.documents import alone, document, event, piece, token
from conformance.repository import Repository, expect, problem

EXCEPTIONS = "exceptions"


def _named(name: str, status: str) -> str:
    return f"epcisException:{name} ({status})"


@clause(EXCEPTIONS, _named("ValidationException", "400"), "openapi 400")
def _(repository: Repository) -> None:
    problem(repository.post("/capture", b"{"), 400, "ValidationException")


@clause(EXCEPTIONS, _named("QueryParameterException", "400"), "openapi 400QueryIssues")
def _(repository: Repository) -> None:
    problem(repository.get("/events", params={"EQ_colour": "red"}), 400, "QueryParameterException")


@clause(EXCEPTIONS, _named("QueryValidationException", "400"), "openapi 400QueryIssues")
def _(repository: Repository) -> None:
    repository.offers("/queries")
    told = {"name": "conformance" + token(), "query": "everything"}
    answer = repository.post("/queries", told, "application/json")
    problem(answer, 400, "QueryValidationException", "QueryParameterException", "ValidationException")


@clause(EXCEPTIONS, _named("SubscriptionControlsException", "400"), "openapi 400SubscriptionIssues")
def _(repository: Repository) -> None:
    repository.offers("/queries")
    name = "conformance" + token()
    repository.query(name, MATCH_anyEPC=[piece()])
    told = {"dest": repository.options.destination}
    answer = repository.post(f"/queries/{name}/subscriptions", told, "application/json")
    problem(answer, 400, "SubscriptionControlsException", "ValidationException")


@clause(EXCEPTIONS, _named("SecurityException", "401, 403"), "openapi 401UnauthorizedRequest, 403ClientUnauthorized")
def _(repository: Repository) -> None:
    repository.stranger()
    forged = {"Authorization": "Bearer " + token()}
    problem(repository.get("/events", known=False, headers=forged), (401, 403), "SecurityException")


@clause(EXCEPTIONS, _named("NoSuchResourceException", "404"), "openapi 404ResourceNotFound")
def _(repository: Repository) -> None:
    answer = repository.get(f"/events/urn%3Ax%3A{token()}")
    problem(answer, 404, "NoSuchResourceException", "NoSuchNameException")


@clause(EXCEPTIONS, _named("NoSuchNameException", "404"), "openapi 404ResourceNotFound")
def _(repository: Repository) -> None:
    repository.offers("/queries")
    problem(repository.get(f"/queries/{token()}"), 404, "NoSuchNameException", "NoSuchResourceException")


@clause(EXCEPTIONS, _named("NotAcceptableException", "406"), "openapi 406NotAcceptable")
def _(repository: Repository) -> None:
    problem(repository.get("/events", headers={"GS1-EPCIS-Min": "9.0.0"}), 406, "NotAcceptableException")


@clause(EXCEPTIONS, _named("ResourceAlreadyExistsException", "409"), "openapi 409ResourceAlreadyExistsException")
def _(repository: Repository) -> None:
    told = alone(event())
    expect(repository.post("/events", told), 201)
    problem(repository.post("/events", told), 409, "ResourceAlreadyExistsException")


@clause(EXCEPTIONS, _named("CaptureLimitExceededException", "413"), "openapi 413CapturePayloadTooLarge")
def _(repository: Repository) -> None:
    limit = repository.ask("OPTIONS", "/capture").headers.get("GS1-EPCIS-Capture-Limit", "")
    if not limit.isdecimal() or int(limit) > 20_000:
        raise NotAsked(f"the limit of events at once is {limit or 'not told'}")
    told = document(*(event() for _ in range(int(limit) + 1)))
    problem(repository.post("/capture", told), 413, "CaptureLimitExceededException")


@clause(EXCEPTIONS, _named("QueryTooLargeException", "413"), "openapi 413QueryScopeOrSize, maxEventCount")
def _(repository: Repository) -> None:
    mine = piece()
    repository.captured(event(epcList=[mine]), event(epcList=[mine]))
    answer = repository.get("/events", params={"MATCH_anyEPC": mine, "maxEventCount": 1})
    problem(answer, (413, 400), "QueryTooLargeException")


@clause(EXCEPTIONS, _named("QueryTooComplexException", "413"), "openapi 413QueryScopeOrSize")
def _(repository: Repository) -> None:
    raise NotAsked("what is too complex is the repository's own to say; no question provokes it for certain")


@clause(EXCEPTIONS, _named("URITooLongException", "414"), "openapi 414URLTooLong")
def _(repository: Repository) -> None:
    answer = repository.get("/events", params={"EQ_eventID": "urn:x:" + "a" * 40_000})
    if answer.status_code == 200:
        raise NotAsked("40,000 characters are answered")
    problem(answer, 414, "URITooLongException")


@clause(EXCEPTIONS, _named("UnsupportedMediaTypeException", "415"), "openapi 415UnsupportedMediaType")
def _(repository: Repository) -> None:
    problem(repository.post("/capture", b"a,b", "text/csv"), 415, "UnsupportedMediaTypeException")


@clause(EXCEPTIONS, _named("ImplementationException", "500, 501"), "openapi 501NotImplemented")
def _(repository: Repository) -> None:
    answer = repository.ask("DELETE", f"/nextPageToken/{token()}")
    if answer.status_code != 501:
        raise NotAsked(f"DELETE /nextPageToken/{{token}} is offered: {answer.status_code}")
    problem(answer, 501, "ImplementationException")
