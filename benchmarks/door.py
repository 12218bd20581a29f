"""What the way in costs: processor time of a single event from the request to its writing, and back, without either.

Run: ``python -m benchmarks.door [EVENTS]`` (3,000 where nothing is said). The whole application in this process, asked
as a server would; who asks is known, and nothing is judged or stored. Beside it, in the same run, an empty route of
FastAPI that asks for the same by annotations, as most would write it.
"""

import asyncio
import json
import sys
import time
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import FastAPI, Header, Request, Response
from starlette.types import Message

from hub.access import Actor, Permission
from hub.api import together
from hub.app import create_app
from hub.models.base import uuid7
from hub.models.party import OrganizationKind
from hub.web.security import Gate

_ACTOR = Actor(uuid7(), OrganizationKind.SUPPLIER, frozenset({Permission.CAPTURE_EVENTS}), name="b", via="api")
_BODY = json.dumps({"type": "ObjectEvent", "comment": "x" * 900}).encode()
_Text = Annotated[str, Header()]


class _Known:
    """Answers whose any API key is."""

    async def answer(self, _key: str, _gate: Gate) -> Actor:
        return _ACTOR


async def _nothing(*_: object) -> str:
    return "ni:///sha-256;0?ver=CBV2.0"


def _plain() -> FastAPI:
    app = FastAPI()

    @app.post("/epcis/events", status_code=201)
    async def capture(
        request: Request, authorization: _Text, gs1_epcis_version: _Text = "", gs1_cbv_version: _Text = "",
        gs1_epcis_min: _Text = "", gs1_epcis_max: _Text = "", gs1_cbv_min: _Text = "", gs1_cbv_max: _Text = "",
    ) -> Response:  # fmt: skip
        await request.body()
        return Response(status_code=201, headers={"Location": "/epcis/events/0"})

    return app


def _ask(app: Any) -> Callable[[], Awaitable[int]]:
    headers = {"host": "localhost", "authorization": "Bearer x", "content-type": "application/json"}
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {
        "type": "http", "http_version": "1.1", "asgi": {"version": "3.0"}, "method": "POST", "scheme": "http",
        "path": "/epcis/events", "raw_path": b"/epcis/events", "query_string": b"", "root_path": "",
        "headers": [*raw, (b"content-length", str(len(_BODY)).encode())], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 8000),
    }  # fmt: skip

    async def ask() -> int:
        coming: list[Message] = [{"type": "http.request", "body": _BODY, "more_body": False}]
        told: list[Message] = []

        async def receive() -> Message:
            return coming.pop() if coming else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            told.append(message)

        await app({**scope, "state": {}}, receive, send)
        return int(told[0]["status"])

    return ask


async def _each(ask: Callable[[], Awaitable[int]], events: int) -> float:
    """Milliseconds of the processor that one takes."""
    if await ask() != 201:
        raise SystemExit("the door did not open")
    for _ in range(200):
        await ask()
    begun = time.process_time()
    for _ in range(events):
        await ask()
    return (time.process_time() - begun) / events * 1e3


def main(events: int) -> None:
    """Print what it costs."""
    app = create_app()
    app.state.machines = _Known()
    together.capture_one = _nothing  # type: ignore[assignment]
    ours = asyncio.run(_each(_ask(app), events))
    plain = asyncio.run(_each(_ask(_plain()), events))
    print(f"the way in and out of a single event: {ours:.2f} ms of the processor, with fences, log and figures")
    told = f"{plain:.2f} ms; ours is {ours / plain:.1f} times that"
    print(f"an empty route of FastAPI that asks for its headers by annotations: {told}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3_000)
