"""Routers that ask who is there, read a request whole, and only then let it in; JSON is read strictly."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.params import Form
from fastapi.responses import Response
from fastapi.routing import APIRoute
from starlette.types import Message

from hub.errors import HubError
from hub.gs1 import jcs
from hub.settings import settings
from hub.web.deps import Requires, anybody_signed_in, calls, known_actor, known_machine, known_to_us
from hub.web.problems import Refused, WrongContentType
from hub.web.security import Arrivals, Gate

FROM_STRANGERS = 64 * 1024
"""The most bytes that are read from somebody whom nobody asked who he is."""


@dataclass(frozen=True)
class Takes:
    """A route's word that it reads more than that from strangers: ``Depends(Takes(bytes))``."""

    most: int

    async def __call__(self) -> None:
        """Opens to nobody and asks nothing."""


class StrictRequest(Request):
    """A request whose JSON has no NaN, no name twice, no number that a double would change."""

    async def json(self) -> Any:
        """The body, parsed."""
        try:
            return jcs.parse(await self.body())
        except HubError as error:
            raise Refused(error) from error


class StrictRoute(APIRoute):
    """A route that takes what it says it takes from those it is open to, and nothing else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind the door: who is there, what do they bring, is there a seat."""
        handle = super().get_route_handler()
        body = self.body_field.field_info if self.body_field else None
        media_type = getattr(body, "media_type", "") if not isinstance(body, Form) else ""
        opens = [call for call in calls(self.dependant) if isinstance(call, Requires)]
        strangers = max(
            [call.most for call in calls(self.dependant) if isinstance(call, Takes)], default=FROM_STRANGERS
        )
        signed_in = bool(opens) or anybody_signed_in in calls(self.dependant)

        async def let_in(request: Request) -> Response:
            arrivals: Arrivals = request.app.state.arrivals
            gate: Gate = request.app.state.gate
            has_body = request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
            if not has_body:
                return await seated(request, gate)
            if signed_in:
                await known_machine(request)
                if hasattr(request.state, "actor"):
                    _admit(request, opens)
                else:
                    async with gate.seat():
                        await run_in_threadpool(_admit, request, opens)
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            if media_type == "application/json" and not kind.endswith(("/json", "+json")):
                raise WrongContentType(f"Content-Type: {kind or '?'}", wanted=media_type)
            most = settings().body_limit if signed_in else min(strangers, settings().body_limit)
            async with arrivals.whole(request, most) as content:
                return await seated(StrictRequest(request.scope, _again(content, request)), gate)

        async def seated(request: Request, gate: Gate) -> Response:
            if (request.method, self.path) not in SEATLESS:
                # Ends with what the endpoint opened: after its transaction, before its answer is sent.
                await request.scope["fastapi_function_astack"].enter_async_context(gate.seat())
            return await handle(request)

        return let_in


LOT, EVIDENCE = "/product/{gtin}/{lot:path}", "/product/{gtin}/{lot:path}/evidence.json"
"""Where a lot's page and what it proves lie."""
SEATLESS = frozenset(
    {
        ("GET", "/health/live"),
        ("POST", "/epcis/events"),
        ("GET", LOT),
        ("GET", EVIDENCE),
        ("GET", "/{key:gs1key}/{rest:path}"),
        ("GET", "/{word:gs1word}"),
        ("GET", "/.well-known/gs1resolver"),
    }
)
"""Ask for no connection of their own: a full house still shows that it lives, single events share theirs, kept pages
share one question, and a scan takes its seat once it needs one.
"""


def _admit(request: Request, opens: list[Requires]) -> None:
    actor = known_to_us(known_actor(request))
    for door in opens:
        door.admit(actor)


def _again(content: bytes, request: Request) -> Callable[[], Coroutine[Any, Any, Message]]:
    """What has arrived, told once more to whoever reads the request."""
    read = False

    async def receive() -> Message:
        nonlocal read
        if read:
            return await request.receive()
        read = True
        return {"type": "http.request", "body": content, "more_body": False}

    return receive


def parameter(name: str, where: str, said: str = "") -> dict[str, Any]:
    """A parameter that a route reads by hand, as its OpenAPI document tells it (``openapi_extra``).

    Taking a request apart by its annotations is a quarter of what a scan, or a single event, costs.
    """
    required = where == "path"
    return {"name": name, "in": where, "required": required, "description": said, "schema": {"type": "string"}}


class Router(APIRouter):
    """The router every door is built with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=StrictRoute, **options)
