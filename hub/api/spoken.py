"""Which EPCIS is spoken here: the versions, formats and limits that clients ask for and are told (openapi 2.0.0)."""

import re
from collections.abc import Iterable
from typing import Annotated

from fastapi import Depends, Header, Request, Response
from starlette.datastructures import MutableHeaders
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub import __version__
from hub.errors import HubError, NotFound
from hub.gs1 import epcis
from hub.settings import settings

FORMATS = ("Always_GS1_Digital_Link", "No_Preference", "Never_Translates")
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


async def _check(
    request: Request,
    epcis_min: Annotated[str, Header(alias="GS1-EPCIS-Min")] = "",
    epcis_max: Annotated[str, Header(alias="GS1-EPCIS-Max")] = "",
    cbv_min: Annotated[str, Header(alias="GS1-CBV-Min")] = "",
    cbv_max: Annotated[str, Header(alias="GS1-CBV-Max")] = "",
) -> None:
    """Refuse versions that are not spoken here, and addresses that nobody reads."""
    if len(str(request.url)) > LONGEST_ADDRESS:
        raise AddressTooLong(longest=LONGEST_ADDRESS)
    for name, least, most in (("EPCIS", epcis_min, epcis_max), ("CBV", cbv_min, cbv_max)):
        if (least and _parts(least) > _parts(_VERSION)) or (most and _parts(most) < _parts(_VERSION)):
            raise NotAcceptable(f"{name} {_VERSION} is spoken here", wanted=_VERSION)


async def _written(
    epcis_version: Annotated[str, Header(alias="GS1-EPCIS-Version")] = "",
    cbv_version: Annotated[str, Header(alias="GS1-CBV-Version")] = "",
) -> None:
    """Refuse a document that says it is of a version that is not read here."""
    for name, given in (("EPCIS", epcis_version), ("CBV", cbv_version)):
        if given and _parts(given)[:1] != _parts(_VERSION)[:1]:
            raise NotAcceptable(f"{name} {_VERSION} is read here", wanted=_VERSION)


def _parts(given: str) -> tuple[int, ...]:
    """A version as numbers; a shorter one reaches as far as it says."""
    if not re.fullmatch(r"\d{1,4}(\.\d{1,4}){0,2}", given):
        raise NotAcceptable(f"{given[:40]!r} is not a version such as {_VERSION}", wanted=_VERSION)
    parts = [int(part) for part in given.split(".")]
    return (*parts, *(0,) * (3 - len(parts)))


VERSIONS = Depends(_check)
WRITTEN = Depends(_written)


async def translated(gs1_epc_format: Annotated[str, Header(alias="GS1-EPC-Format")] = FORMATS[0]) -> bool:
    """Whether identifiers are answered as GS1 Digital Links."""
    if gs1_epc_format not in FORMATS:
        raise NotAcceptable(f"GS1-EPC-Format is one of {', '.join(FORMATS)}", wanted=list(FORMATS))
    return gs1_epc_format != "Never_Translates"


Translated = Annotated[bool, Depends(translated)]


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
        "GS1-EPC-Format": FORMATS[0],
        "GS1-Extensions": "furrow=" + epcis.FURROW["furrow"],
        "GS1-Vendor-Version": __version__,
    }
    if path == "capture":
        headers["GS1-Capture-Error-Behaviour"] = "all"
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
        if scope["type"] != "http" or not path.startswith("/epcis"):
            await self.app(scope, receive, send)
            return
        told = _SPOKEN | (limits() if path.startswith(_TAKES_EVENTS) else {})

        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in told.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, say)
