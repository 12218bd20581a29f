"""The 63 operations of openapi 2.0.0: what each answers, with which headers, and when it is refused (E5, E6)."""

from typing import Any
from urllib.parse import quote
from uuid import uuid4

from conformance.clauses import Weight, clause
from conformance.documents import alone, document, event, piece, place, token
from conformance.repository import Repository, content, expect, header, problem, require

KINDS = {
    "eventTypes": "eventType",
    "epcs": "epc",
    "bizSteps": "bizStep",
    "bizLocations": "bizLocation",
    "readPoints": "readPoint",
    "dispositions": "disposition",
}
"""The top-level resources that are made of what events say, and how openapi names one of each."""
_QUERY = "/queries/{queryName}"
_SUBSCRIPTION = "/queries/{queryName}/subscriptions/{subscriptionID}"
PATHS: dict[str, str] = {
    "/": "GET",
    "/capture": "GET POST",
    "/capture/{captureID}": "GET",
    "/events": "GET POST",
    "/events/{eventID}": "GET",
    **{f"/{kind}": "GET" for kind in KINDS},
    **{f"/{kind}/{{{one}}}": "GET" for kind, one in KINDS.items()},
    **{f"/{kind}/{{{one}}}/events": "GET" for kind, one in KINDS.items()},
    "/queries": "GET POST",
    _QUERY: "GET DELETE",
    f"{_QUERY}/subscriptions": "GET POST",
    _SUBSCRIPTION: "GET DELETE",
    f"{_QUERY}/events": "GET",
    "/nextPageToken/{token}": "DELETE",
}
"""Every path, and what may be done there beside OPTIONS, which openapi has for all but the last."""
OPERATIONS = [(method, path) for path, methods in PATHS.items() for method in methods.split()] + [
    ("OPTIONS", path) for path in PATHS if path != "/nextPageToken/{token}"
]
SPOKEN = ("GS1-EPCIS-Version", "GS1-CBV-Version")
_ANNOUNCED = (
    "GS1-EPCIS-Version GS1-EPCIS-Min GS1-EPCIS-Max GS1-CBV-Version GS1-CBV-Min GS1-CBV-Max GS1-EPC-Format "
    "GS1-Extensions GS1-Vendor-Version"
).split()
_OF_SUBSCRIPTIONS = "GS1-EPCIS-Version GS1-EPCIS-Min GS1-EPCIS-Max GS1-Extensions GS1-Vendor-Version".split()
_NO_CBV = ("/capture", "/capture/{captureID}", f"{_QUERY}/subscriptions", _SUBSCRIPTION)
"""Whose GET names no version of CBV."""
_UNVERSIONED = ("/", "/nextPageToken/{token}")
_MISSING = ("NoSuchResourceException", "NoSuchNameException")


def _seen(repository: Repository) -> dict[str, str]:
    """One of each thing that a path names, made when first needed."""
    if "members" not in repository.kept:
        mine, where, read = piece(), place(), place()
        told = event(
            epcList=[mine],
            bizLocation={"id": where},
            readPoint={"id": read},
            bizStep="inspecting",
            disposition="conformant",
        )
        job = repository.capture(told)
        repository.kept["members"] = {
            "captureID": str(job.get("captureID")),
            "eventID": told["eventID"],
            "eventType": "ObjectEvent",
            "epc": mine,
            "bizStep": "inspecting",
            "bizLocation": where,
            "readPoint": read,
            "disposition": "conformant",
        }
    members: dict[str, str] = repository.kept["members"]
    return members


def _kept_query(repository: Repository) -> dict[str, str]:
    """A named query that nothing answers, and a subscription to it."""
    if "queryName" not in repository.kept:
        name = "conformance" + token()
        repository.query(name, MATCH_anyEPC=[piece()])
        repository.kept["queryName"] = name
    return {"queryName": repository.kept["queryName"]}


def subscribed(repository: Repository, query: str) -> str:
    """The id of a new subscription to a query that nothing answers."""
    told = {"dest": repository.options.destination, "stream": True, "signatureToken": token()}
    answer = expect(repository.post(f"/queries/{query}/subscriptions", told, "application/json"), 201)
    return str(content(answer)["subscriptionID"])


def filled(repository: Repository, path: str) -> str:
    """A path with the names of things that are there."""
    optional = path.split("/")[1]
    if optional in KINDS or optional == "queries":
        repository.offers(f"/{optional}")
    if "{" not in path:
        return path
    names = dict(_kept_query(repository) if "{queryName}" in path else _seen(repository))
    if "{subscriptionID}" in path:
        names["subscriptionID"] = subscribed(repository, names["queryName"])
    return path.format(**{name: quote(value, safe="") for name, value in names.items()})


# What each answers


def _answers(path: str) -> None:
    @clause(path, f"GET {path} answers", f"openapi GET {path} 200")
    def _(repository: Repository) -> None:
        answer = expect(repository.get(filled(repository, path)), 200)
        content(answer)
        for name in () if path in _UNVERSIONED else SPOKEN[:1] if path in _NO_CBV else SPOKEN:
            header(answer, name)


def _knows_not(method: str, path: str) -> None:
    """Where the last name of a path is one that nothing has."""

    @clause(path, f"{method} {path} of what is not there is 404", f"openapi {method} {path} 404")
    def _(repository: Repository) -> None:
        above, _, after = path.rpartition("{")
        unknown = quote(f"urn:uuid:{uuid4()}", safe="") if above in _URIS else str(uuid4())
        if path == _SUBSCRIPTION:
            above = filled(repository, above.rstrip("/")) + "/"
        else:
            filled(repository, "/" + path.split("/")[1])
        body = {"dest": repository.options.destination, "stream": True}
        told: dict[str, Any] = {"json": body} if method == "POST" else {}
        where = above + unknown + after.partition("}")[2]
        problem(repository.ask(method, where, **told), 404, *_MISSING)


_URIS = tuple(f"/{kind}/" for kind in ("events", *KINDS))


def _speaks(path: str) -> None:
    for name, most in (("GS1-EPCIS-Min", "9.0.0"), ("GS1-EPCIS-Max", "1.2.0"), ("GS1-CBV-Min", "9.0.0")):
        if name == "GS1-CBV-Min" and path in _NO_CBV:
            continue

        def refuses(repository: Repository, name: str = name, most: str = most) -> None:
            where = filled(repository, path)
            problem(repository.get(where, headers={name: most}), 406, "NotAcceptableException")

        named = f"E6 GET {path} with {name}: {most} is not acceptable"
        clause(path, named, f"openapi GET {path} 406")(refuses)


def _opens_not(method: str, path: str) -> None:
    @clause(path, f"{method} {path} turns a stranger away", f"openapi {method} {path} 401, 403")
    def _(repository: Repository) -> None:
        repository.stranger()
        where = filled(repository, path)
        told: dict[str, Any] = {"json": {}} if method == "POST" else {}
        problem(repository.ask(method, where, known=False, **told), (401, 403), "SecurityException")


def _discovers(path: str) -> None:
    @clause(path, f"E5 OPTIONS {path} says what it takes", f"openapi OPTIONS {path} 204, Allow")
    def _(repository: Repository) -> None:
        answer = expect(repository.ask("OPTIONS", filled(repository, path)), 204)
        allowed = {method.strip() for method in header(answer, "Allow").split(",")}
        missing = {*PATHS[path].split(), "OPTIONS"} - allowed
        require(not missing, f"Allow lacks {', '.join(sorted(missing))}")

    @clause(path, f"E5 OPTIONS {path} says what is spoken", f"openapi OPTIONS {path} 204, headers")
    def _(repository: Repository) -> None:
        answer = expect(repository.ask("OPTIONS", filled(repository, path)), 204)
        wanted = _OF_SUBSCRIPTIONS if path == _SUBSCRIPTION else _ANNOUNCED
        missing = [name for name in wanted if not answer.headers.get(name)]
        require(not missing, f"missing: {', '.join(missing)}")


for _path, _methods in PATHS.items():
    if _path != "/nextPageToken/{token}":
        _discovers(_path)
    if "GET" in _methods:
        _answers(_path)
    if "GET" in _methods and _path not in _UNVERSIONED:
        _speaks(_path)
    for _method in _methods.split():
        if _path != "/nextPageToken/{token}":
            _opens_not(_method, _path)
            if "{" in _path:
                _knows_not(_method, _path)


@clause(
    "/capture", "E5 OPTIONS /capture says how much is taken, and what is done with errors", "openapi OPTIONS /capture"
)
def _(repository: Repository) -> None:
    answer = expect(repository.ask("OPTIONS", "/capture"), 204)
    for name in ("GS1-EPCIS-Capture-Limit", "GS1-EPCIS-Capture-File-Size-Limit"):
        require(header(answer, name).isdecimal(), f"{name} is no number")
    does = header(answer, "GS1-Capture-Error-Behaviour")
    require(does in ("rollback", "proceed", "all"), f"GS1-Capture-Error-Behaviour is {does!r}")


@clause("/", "GET / names the nine top-level resources", "openapi TopLevelResourceCollection")
def _(repository: Repository) -> None:
    told = content(expect(repository.get("/"), 200))
    require(told.get("type") == "Collection" and "@context" in told, "it is no Collection with @context")
    missing = {"capture", "events", "queries", *KINDS} - set(told.get("member", []))
    require(not missing, f"missing: {', '.join(sorted(missing))}")


# What is sent


def _written(path: str, reference: str) -> None:
    """The headers of an answer to POST, and what POST refuses."""

    @clause(path, f"POST {path} answers with its versions and Location", f"openapi POST {path} {reference}")
    def _(repository: Repository) -> None:
        told = document(event()) if path == "/capture" else alone(event())
        answer = expect(repository.post(path, told), int(reference))
        for name in ("Location", *SPOKEN):
            header(answer, name)

    @clause(path, f"POST {path} of plain text is 415", f"openapi POST {path} 415")
    def _(repository: Repository) -> None:
        problem(repository.post(path, b"hello", "text/plain"), 415, "UnsupportedMediaTypeException")

    @clause(path, f"E6 POST {path} of EPCIS 9 is not acceptable", f"openapi POST {path} 406", Weight.MAY)
    def _(repository: Repository) -> None:
        told = document(event()) if path == "/capture" else alone(event())
        answer = repository.post(path, told, headers={"GS1-EPCIS-Version": "9.0.0"})
        problem(answer, 406, "NotAcceptableException")


_written("/capture", "202")
_written("/events", "201")


@clause("/queries", "POST /queries of plain text is 415", "openapi POST /queries 415")
def _(repository: Repository) -> None:
    repository.offers("/queries")
    problem(repository.post("/queries", b"hello", "text/plain"), 415, "UnsupportedMediaTypeException")


@clause(f"{_QUERY}/subscriptions", "POST of a subscription in plain text is 415", "openapi POST 415")
def _(repository: Repository) -> None:
    where = filled(repository, f"{_QUERY}/subscriptions")
    problem(repository.post(where, b"hello", "text/plain"), 415, "UnsupportedMediaTypeException")
