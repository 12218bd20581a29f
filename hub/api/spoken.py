"""Which EPCIS is spoken here: the versions, formats and limits that clients ask for and are told (openapi 2.0.0)."""

import re
from collections.abc import Callable, Iterable
from typing import Annotated, Any, NamedTuple

from fastapi import Depends, Header, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import __version__
from hub.errors import HubError, NotFound
from hub.gs1 import epcis
from hub.gs1.xml import writing
from hub.settings import settings
from hub.trace import capture
from hub.trace.asking import documents as answered
from hub.trace.taking import documents
from hub.web import accept, security
from hub.web.problems import WrongContentType
from hub.web.routing import Router, parameter

JSON, LD, XML, TEXT_XML = "application/json", "application/ld+json", "application/xml", "text/xml"
READ = documents.READ
_VERSION = "2.0.0"
_SPOKEN = {"GS1-EPCIS-Version": _VERSION, "GS1-CBV-Version": _VERSION}
_TAKES_EVENTS = ("/epcis/capture", "/epcis/events")
LONGEST_ADDRESS = 8_000


class NotAcceptable(HubError):
    """The hub does not answer in this form."""

    code, status = "not-acceptable", 406


class AddressTooLong(HubError):
    """The address with its query is longer than this hub reads; ask for less at once."""

    code, status = "address-too-long", 414


class NotImplementedHere(HubError):
    """The standard leaves this open, and this hub does not do it."""

    code, status = "not-implemented", 501


async def _check(request: HTTPConnection) -> None:
    """Refuse versions that are not spoken here, and addresses that nobody reads."""
    if len(request.scope["raw_path"]) + len(request.scope["query_string"]) > LONGEST_ADDRESS:
        raise AddressTooLong(longest=LONGEST_ADDRESS)
    headers = request.headers
    for name in ("EPCIS", "CBV"):
        least, most = headers.get(f"gs1-{name}-min", ""), headers.get(f"gs1-{name}-max", "")
        if (least and _parts(least) > _parts(_VERSION)) or (most and _parts(most) < _parts(_VERSION)):
            raise NotAcceptable(f"{name} {_VERSION} is spoken here", wanted=_VERSION)


class Sent(NamedTuple):
    """A document as it was sent, how it is read, and the media type that says so."""

    content: bytes
    read: capture.Read
    kind: str


async def sent(request: Request) -> Sent:
    """The body as it was sent, refused unless it says it is JSON or XML."""
    kind = kind_of(request)
    if kind not in READ:
        raise WrongContentType(f"Content-Type: {kind or '?'}", wanted=", ".join(READ))
    return Sent(await request.body(), READ[kind], kind)


Document = Annotated[Sent, Depends(sent)]


def kind_of(request: Request) -> str:
    """What kind of content a request says it brings, without its parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def _written(request: Request) -> None:
    """Refuse a document that says it is of a version that is not read here."""
    read = {1, 2} if kind_of(request) in (XML, TEXT_XML) else {2}
    for name in ("EPCIS", "CBV"):
        given = request.headers.get(f"gs1-{name}-version", "")
        if given and _parts(given)[0] not in read:
            raise NotAcceptable(f"{name} {_VERSION} is read here", wanted=_VERSION)


def _parts(given: str) -> tuple[int, ...]:
    """A version as numbers; a shorter one reaches as far as it says."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,2}", given):
        raise NotAcceptable(f"{given[:40]!r} is not a version such as {_VERSION}", wanted=_VERSION)
    parts = [int(part) for part in given.split(".")]
    return (*parts, *(0,) * (3 - len(parts)))


VERSIONS = Depends(_check)
WRITTEN = Depends(_written)


class SpokenRouter(Router):
    """A router of EPCIS's addresses: its routes refuse what is not spoken here, and tell which headers say it."""

    def __init__(self) -> None:
        super().__init__(prefix="/epcis", tags=["EPCIS"], dependencies=[VERSIONS])

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        """Add a route, with the headers that it reads."""
        ends = ("Version", "Min", "Max") if WRITTEN in (options.get("dependencies") or ()) else ("Min", "Max")
        headers = [parameter(f"GS1-{kind}-{end}", "header") for kind in ("EPCIS", "CBV") for end in ends]
        extra = options.get("openapi_extra") or {}
        options["openapi_extra"] = {**extra, "parameters": [*extra.get("parameters", ()), *headers]}
        super().add_api_route(path, endpoint, **options)


async def _epc_format(gs1_epc_format: Annotated[str, Header(alias="GS1-EPC-Format")] = answered.LINKS) -> str:
    if gs1_epc_format not in answered.FORMATS:
        raise NotAcceptable(f"GS1-EPC-Format is one of {', '.join(answered.FORMATS)}", wanted=list(answered.FORMATS))
    return gs1_epc_format


async def _cbv_format(gs1_cbv_xml_format: Annotated[str, Header(alias="GS1-CBV-XML-Format")] = writing.WEB) -> str:
    if gs1_cbv_xml_format not in writing.CBV_FORMS:
        raise NotAcceptable(
            f"GS1-CBV-XML-Format is one of {', '.join(writing.CBV_FORMS)}", wanted=list(writing.CBV_FORMS)
        )
    return gs1_cbv_xml_format


EpcFormat = Annotated[str, Depends(_epc_format)]
"""In which form identifiers are answered."""
CbvFormat = Annotated[str, Depends(_cbv_format)]
"""In which form terms of CBV are answered in XML."""


async def _kind_wanted(request: Request) -> str:
    wanted = accept.best(",".join(request.headers.getlist("accept")), tuple(READ))
    if not wanted:
        raise NotAcceptable(f"{', '.join(READ)} are spoken here", wanted=list(READ))
    return wanted


Kind = Annotated[str, Depends(_kind_wanted)]
"""The media type that is answered in."""


ASYNC = "respond-async"
"""The preference of whoever would rather not wait for the work (RFC 7240, 4.1)."""


def prefers(stated: Iterable[str], preference: str) -> bool:
    """Whether a preference is among those of a request's headers ``Prefer`` (RFC 7240)."""
    unquoted = re.sub(r'"(?:[^"\\]|\\.)*"', '""', ",".join(stated))
    named = (part.partition(";")[0].partition("=")[0].strip().lower() for part in unquoted.split(","))
    return preference in named


def limits() -> dict[str, str]:
    """How much is captured at once: events, and bytes."""
    return {
        "GS1-EPCIS-Capture-Limit": str(settings().capture_limit),
        "GS1-EPCIS-Capture-File-Size-Limit": str(settings().body_limit),
    }


def discovery(routes: Iterable[BaseRoute], request: Request, path: str) -> Response:
    """What an address takes of these routes, and what is spoken there (OPTIONS); 404 where there is nothing."""
    taking = [route for route in routes if isinstance(route, Route) and route.path_regex.match(request.url.path)]
    allowed = {method for route in taking for method in route.methods or ()} - {"OPTIONS"}
    if not allowed:
        raise NotFound
    headers = {
        "Allow": ", ".join(sorted({*allowed, "OPTIONS"})),
        **{f"GS1-{kind}-{end}": _VERSION for kind in ("EPCIS", "CBV") for end in ("Min", "Max")},
        "GS1-EPC-Format": answered.LINKS,
        "GS1-CBV-XML-Format": writing.WEB,
        "GS1-Extensions": "furrow=" + epcis.FURROW["furrow"],
        "GS1-Vendor-Version": __version__,
    }
    if path in ("capture", "events", "events/validate"):
        headers["Accept-Post"] = ", ".join(READ)
    if path == "capture":
        headers["GS1-Capture-Error-Behaviour"] = "all"
        headers["Furrow-Capture-At-Once"] = str(settings().capture_at_once)
    return Response(status_code=204, headers=headers)


def prefix(request: Request) -> str:
    """The path under which a proxy shows this hub, as it says itself; what is no path counts as none."""
    told = request.headers.get("x-forwarded-prefix", "").rstrip("/")
    return told if re.fullmatch(r"(/[\w.~-]{1,60}){1,5}", told) else ""


class Spoken:
    """Puts on every answer under EPCIS's addresses which versions it is in, and where events are taken how many."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with the headers added; what a route sets itself stays."""
        path = scope.get("path", "")
        if scope["type"] == "lifespan" or not path.startswith("/epcis"):
            await self.app(scope, receive, send)
            return
        told = _SPOKEN | (limits() if path.startswith(_TAKES_EVENTS) else {})

        async def say(message: Message) -> None:
            if message["type"] in security.ANSWERED:
                headers = MutableHeaders(scope=message)
                for name, value in told.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, say)
