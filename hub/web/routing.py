"""Routers that read JSON strictly, so that nobody can read a request otherwise than we did."""

from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import APIRouter, Request
from fastapi.params import Form
from fastapi.responses import Response
from fastapi.routing import APIRoute

from hub.errors import HubError
from hub.trace import jcs
from hub.web.problems import Refused, WrongContentType


class StrictRequest(Request):
    """A request whose JSON has no NaN, no name twice, no number that a double would change."""

    async def json(self) -> Any:
        """The body, parsed."""
        try:
            return jcs.parse(await self.body())
        except HubError as error:
            raise Refused(error) from error


class StrictRoute(APIRoute):
    """A route that takes what it says it takes, and nothing else."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's handler behind a strict reading."""
        handle = super().get_route_handler()
        body = self.body_field.field_info if self.body_field else None
        wanted = getattr(body, "media_type", "") if not isinstance(body, Form) else ""

        async def strictly(request: Request) -> Response:
            kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
            has_body = (
                request.headers.get("content-length", "0") != "0" or "transfer-encoding" in request.headers
            )
            if wanted == "application/json" and has_body and not kind.endswith(("/json", "+json")):
                raise WrongContentType(f"Content-Type: {kind or '?'}", wanted=wanted)
            return await handle(StrictRequest(request.scope, request.receive))

        return strictly


class Router(APIRouter):
    """The router every door is built with."""

    def __init__(self, **options: Any) -> None:
        super().__init__(route_class=StrictRoute, **options)
