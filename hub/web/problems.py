"""Refusals and failures, shown in one place: problem+json to programs, a page to people, a part to htmx."""

import re
from collections.abc import Sequence
from typing import Any, cast
from urllib.parse import quote
from xml.etree import ElementTree

from fastapi import FastAPI, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, RedirectResponse, Response
from psycopg.errors import ExclusionViolation, ForeignKeyViolation, UniqueViolation
from pydantic import BaseModel
from sqlalchemy.exc import DataError, IntegrityError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import log as logs
from hub.access import ConfirmItIsYou
from hub.errors import HubError, InvalidInput, NotAllowed, NotFound, NotReady, SignInNeeded
from hub.web import accept, again
from hub.web.forms import complaint
from hub.web.problem_view import refusal_of
from hub.web.templating import language_of, page, wants_part

log = logs.get("hub.web")
PROBLEM, PROBLEM_XML = "application/problem+json", "application/problem+xml"


class MethodNotAllowed(HubError):
    """This address does not take that kind of request."""

    code, status = "method-not-allowed", 405


class BodyTooLarge(HubError):
    """What was sent is larger than this hub takes at once; send it in parts."""

    code, status = "body-too-large", 413


class BodyTooSlow(HubError):
    """What was sent did not arrive in time; send it again over a steadier line."""

    code, status = "body-too-slow", 408


class BodyIncomplete(HubError):
    """The connection ended before all of it had arrived, so nothing was done; send it again."""

    code, status = "body-incomplete", 400


class TooManyAtOnce(HubError):
    """Too much is being sent from this address at once; wait until some of it has arrived."""

    code, status = "too-many-at-once", 429


class TooManyGuesses(HubError):
    """Too many codes that are not there were asked for from your network; wait five minutes and try again."""

    code, status = "too-many-guesses", 429


class WrongContentType(HubError):
    """This address does not read that kind of content."""

    code, status = "wrong-content-type", 415


class Unreadable(HubError):
    """What was sent cannot be read."""

    code, status = "unreadable", 400


class FromAnotherSite(HubError):
    """The request came from another site's page, so nothing was done; open the page here and try again."""

    code, status = "from-another-site", 403


class NotStorable(InvalidInput):
    """A character or a figure in it cannot be kept: too large, or not text."""

    code, status = "not-storable", 422


class AlreadyThere(HubError):
    """Somebody wrote the same at the same moment, so yours was not written; look again before you repeat it."""

    code, status = "already-there", 409


class StillNeeded(HubError):
    """What this refers to is not there, or others still refer to it; look again before you repeat it."""

    code, status = "still-needed", 409


class Busy(HubError):
    """More people are working here than there are seats right now; try again in a few seconds."""

    code, status = "busy", 503


class Failed(HubError):
    """Something failed on our side. Nothing was changed; tell us the number below if it happens again."""

    code, status = "failed", 500


class Refused(HTTPException):
    """Carries a refusal through FastAPI's reading of a body, which swallows every other exception."""

    def __init__(self, error: HubError) -> None:
        super().__init__(error.status, error.detail)
        self.error = error


class Problem(BaseModel):
    """An RFC 9457 problem document; ``code`` is stable, ``errors`` say what and where."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    errors: list[dict[str, str]] = []


_HTTP: dict[int, type[HubError]] = {
    400: Unreadable, 401: SignInNeeded, 403: NotAllowed, 404: NotFound, 405: MethodNotAllowed, 413: BodyTooLarge,
    415: WrongContentType,
}  # fmt: skip


def problems(*errors: type[HubError]) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: which refusals it may answer with."""
    responses: dict[int | str, dict[str, Any]] = {}
    for error in errors:
        text = f"`{error.code}`: {(error.__doc__ or '').strip().splitlines()[0]}"
        entry = responses.setdefault(error.status, {"model": Problem, "description": "", "content": {PROBLEM: {}}})
        entry["description"] = f"{entry['description']}\n\n{text}".strip()
    return responses


def is_program(request: HTTPConnection) -> bool:
    """Whether a program asks, rather than a person's browser."""
    first = request.url.path.split("/")[1:2]
    if first in (["01"], ["product"]):  # a pack was scanned, by whatever program opens the page
        return "json" in request.headers.get("accept", "") and "html" not in request.headers.get("accept", "")
    if first in (["api"], ["epcis"]) or "authorization" in request.headers:
        return True
    return "text/html" not in request.headers.get("accept", "") and not wants_part(request)


def answer(request: HTTPConnection, error: HubError) -> Response:
    """Say what is wrong, in the way the asker can use; whoever opens a websocket is a program."""
    if not isinstance(request, Request) or is_program(request):
        return _document(request, error)
    if isinstance(error, SignInNeeded):
        return _to_sign_in(request)
    if isinstance(error, ConfirmItIsYou):
        return again.ask(request)
    if wants_part(request):
        template, headers = "errors/_problem.html", {"HX-Retarget": "#problem", "HX-Reswap": "innerHTML"}
    else:
        template, headers = "errors/problem.html", {}
    return page(
        request,
        template,
        status=error.status,
        headers=_headers(error) | headers,
        problem=refusal_of(
            error,
            _sentences(request, error),
            _errors(error),
            language_of(request),
            number=request_id(request),
        ),
    )


def _document(request: HTTPConnection, error: HubError) -> Response:
    title, *details = _sentences(request, error)
    errors = {"errors": [{"where": error.at, "what": " ".join(details) or title}]} if error.at else {}
    body = {
        **error.extra,
        **errors,
        "type": _type(request, error),
        "title": title,
        "status": error.status,
        "detail": " ".join(details) or title,
        "code": error.code,
        "instance": request.url.path,
        "request_id": request_id(request),
    }
    headers = _headers(error) | {"Vary": "Accept, Accept-Language"}
    if _wants_xml(request):
        return Response(_in_xml(_plain(body)), error.status, headers, PROBLEM_XML)
    return JSONResponse(_plain(body), error.status, headers, PROBLEM)


def _wants_xml(request: HTTPConnection) -> bool:
    """EPCIS alone is spoken in XML too, to who likes that best."""
    likes = accept.best(request.headers.get("accept", ""), (*_JSON, *_XML))
    return request.url.path.startswith("/epcis") and likes in _XML


_JSON = (PROBLEM, "application/json", "application/ld+json")
_XML = (PROBLEM_XML, "application/xml", "text/xml")


def _in_xml(body: dict[str, Any]) -> bytes:
    """A problem document in XML (RFC 7807, appendix A): lists are told as elements ``i``."""
    root = ElementTree.Element("problem", xmlns="urn:ietf:rfc:7807")
    _tell(root, body)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + bytes(ElementTree.tostring(root, encoding="utf-8"))


def _tell(element: ElementTree.Element, value: Any) -> None:
    if isinstance(value, dict):
        for name, inner in value.items():
            if inner is not None and _XML_NAME.fullmatch(name):
                _tell(ElementTree.SubElement(element, name), inner)
    elif isinstance(value, list):
        for inner in value:
            _tell(ElementTree.SubElement(element, "i"), inner)
    else:
        element.text = _NOT_XML.sub("�", str(value).lower() if isinstance(value, bool) else str(value))


_XML_NAME = re.compile(r"[A-Za-z_][\w.-]*", re.ASCII)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML can hold, even escaped."""


def _type(request: HTTPConnection, error: HubError) -> str:
    """What kind of problem it is: under EPCIS's addresses in the standard's own words, elsewhere in ours."""
    if request.url.path.startswith("/epcis/"):
        return error.epcis_type
    return f"urn:furrow:problem:{error.code}"


def _plain(value: Any) -> Any:
    """What a refusal tells beside its sentence, as JSON can carry it."""
    if isinstance(value, dict):
        return {str(name): _plain(item) for name, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_plain(item) for item in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def _errors(error: HubError) -> list[tuple[str, str]]:
    """Where and what, of a refusal that found several things wrong; in a document the place is called its path."""
    if error.at:
        return [(error.at, error.detail)]
    listed = _plain(error.extra.get("errors", []))
    return [
        (entry.get("where") or entry.get("path", ""), entry.get("what") or entry.get("message", "")) for entry in listed
    ]


def _sentences(request: HTTPConnection, error: HubError) -> list[str]:
    """The rule that was broken, then what exactly was wrong with this request."""
    speaks = language_of(request)
    rule = (type(error).__doc__ or "").strip().split("\n")[0]
    sentences = [speaks.sentence(text, error.values) for text in (rule, error.sentence)]
    return list(dict.fromkeys(filter(None, sentences)))


def _headers(error: HubError) -> dict[str, str]:
    if error.status in (429, 503):
        return {"Retry-After": str(error.extra.get("retry_after", 5))}
    return {"WWW-Authenticate": "Bearer"} if error.status == 401 else {}


def _to_sign_in(request: Request) -> Response:
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    shown = request.headers.get("hx-current-url") if request.method != "GET" or wants_part(request) else here
    address = f"/sign-in?next={quote(shown or '/')}"
    if wants_part(request):
        return Response(status_code=204, headers={"HX-Redirect": address})
    return RedirectResponse(address, 303)


def request_id(request: HTTPConnection) -> str:
    """The number that ties an answer to our log."""
    return str(getattr(request.state, "request_id", ""))


def install(app: FastAPI) -> None:
    """Have every refusal and every failure of the app shown here."""
    app.add_exception_handler(HubError, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http)
    app.add_exception_handler(RequestValidationError, _on_unreadable)
    for kind in (OperationalError, PoolTimeout):
        app.add_exception_handler(kind, _on_lost_database)
    app.add_exception_handler(DataError, _on_unstorable)
    app.add_exception_handler(IntegrityError, _on_conflict)
    app.add_exception_handler(NoResultFound, _on_nothing)


def _on_refusal(request: HTTPConnection, error: Exception) -> Response:
    return answer(request, cast(HubError, error))


def _on_http(request: HTTPConnection, error: Exception) -> Response:
    if isinstance(error, Refused):
        return answer(request, error.error)
    raised = cast(HTTPException, error)
    response = answer(request, _HTTP.get(raised.status_code, Unreadable)())
    response.headers.update(raised.headers or {})
    return response


def _on_unreadable(request: HTTPConnection, error: Exception) -> Response:
    raised: Sequence[Any] = cast(RequestValidationError, error).errors()
    speaks = language_of(request)
    errors = [
        {"where": ".".join(str(part) for part in fault["loc"]), "what": complaint(speaks, fault)} for fault in raised
    ]
    return answer(request, InvalidInput(errors=errors))


def _on_lost_database(request: HTTPConnection, error: Exception) -> Response:
    log.warning("the database is away or too slow", problem=type(error).__name__)
    return answer(request, NotReady(retry_after=5))


def _on_unstorable(request: HTTPConnection, error: Exception) -> Response:
    log.info("not storable", problem=type(cast(DataError, error).orig).__name__)
    return answer(request, NotStorable())


def _on_conflict(request: HTTPConnection, error: Exception) -> Response:
    """What a constraint of the database refused: the second of two who passed the same check at once."""
    raised = cast(IntegrityError, error).orig
    diagnosis = getattr(raised, "diag", None)
    rule = getattr(diagnosis, "constraint_name", None) or ""
    log.info("refused by the database", rule=rule or type(raised).__name__)
    if isinstance(raised, UniqueViolation | ExclusionViolation):
        return answer(request, AlreadyThere(what=getattr(diagnosis, "table_name", None) or ""))
    if isinstance(raised, ForeignKeyViolation):
        return answer(request, StillNeeded(what=getattr(diagnosis, "table_name", None) or ""))
    return answer(request, NotStorable())


def _on_nothing(request: HTTPConnection, _error: Exception) -> Response:
    return answer(request, NotFound())


class Failures:
    """The last net: what nobody foresaw is logged whole, and told without its insides."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer 500 unless an answer had begun."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        begun = False

        async def watch(message: Message) -> None:
            nonlocal begun
            begun = begun or message["type"] == "http.response.start"
            await send(message)

        try:
            await self.app(scope, receive, watch)
        except Exception:
            request = Request(scope)
            log.exception("request failed", method=request.method, path=request.url.path)
            if begun:
                raise
            response = await run_in_threadpool(answer, request, Failed())
            await response(scope, receive, send)
