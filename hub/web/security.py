"""The fence around the app: what browsers may load, whose requests count, how much is read, how many are inside."""

import time
from collections.abc import Collection
from urllib.parse import urlsplit

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from hub.errors import HubError
from hub.models.base import uuid7
from hub.settings import settings
from hub.web.problems import BodyTooLarge, BodyTooSlow, Busy, FromAnotherSite, Refused, answer

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_SAFE = {"GET", "HEAD", "OPTIONS", "TRACE"}
_HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
}


class SafeHeaders:
    """Numbers the request, and puts on every answer what a browser must be told."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with headers added to the answer; what a route sets itself stays."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        number = str(uuid7())
        scope.setdefault("state", {})["request_id"] = number

        async def send_safely(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Request-Id"] = number
                if settings().secure:
                    headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
            await send(message)

        await self.app(scope, receive, send_safely)


def same_origin(headers: Headers, ours: Collection[str]) -> bool:
    """Whether a request that changes something was sent by our own page, or by a program without our cookie.

    Sec-Fetch-Site first: Origin is ``null`` for our own forms under a strict referrer policy.
    """
    site, origin = headers.get("sec-fetch-site"), headers.get("origin")
    if site:
        return site in ("same-origin", "none")
    return origin in ours if origin else "cookie" not in headers


class SameOrigin:
    """Refuses what another site's page sends: forms, scripts and websockets."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on reading; pass on changing when it is our own page's."""
        unsafe = scope["type"] == "websocket" or (scope["type"] == "http" and scope["method"] not in _SAFE)
        address = urlsplit(settings().base_url)
        if unsafe and not same_origin(Headers(scope=scope), {f"{address.scheme}://{address.netloc}"}):
            await _refuse(FromAnotherSite(), scope, receive, send)
            return
        await self.app(scope, receive, send)


class Gate:
    """Lets in no more requests than the database has connections; the others wait, and not for ever."""

    def __init__(self, app: ASGIApp, patience: float = 10, seats: int | None = None) -> None:
        self.app = app
        self.patience = patience
        self.seats = anyio.Semaphore(seats or settings().database_pool)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Wait for a seat. Files and the sign of life need none."""
        if scope["type"] != "http" or scope["path"].startswith("/static/") or scope["path"] == "/health/live":
            await self.app(scope, receive, send)
            return
        with anyio.move_on_after(self.patience) as waiting:
            await self.seats.acquire()
        if waiting.cancelled_caught:
            await _refuse(Busy(retry_after=5), scope, receive, send)
            return
        try:
            await self.app(scope, receive, send)
        finally:
            self.seats.release()


class BodyLimit:
    """Counts what is sent, announced or in chunks, and how long it takes."""

    def __init__(self, app: ASGIApp, seconds: float = 60) -> None:
        self.app = app
        self.seconds = seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse at once what announces too much; cut off what turns out to be."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        most = settings().body_limit
        announced = Headers(scope=scope).get("content-length", "0")
        if announced.isdecimal() and int(announced) > most:
            await _refuse(BodyTooLarge(limit=most), scope, receive, send)
            return
        counted, ends = 0, time.monotonic() + self.seconds
        whole = False

        async def receive_counted() -> Message:
            nonlocal counted, whole
            if whole:
                return await receive()
            with anyio.move_on_after(max(0, ends - time.monotonic())) as patience:
                message = await receive()
            if patience.cancelled_caught:
                raise Refused(BodyTooSlow(seconds=int(self.seconds)))
            counted += len(message.get("body", b""))
            whole = not message.get("more_body", False)
            if counted > most:
                raise Refused(BodyTooLarge(limit=most))
            return message

        await self.app(scope, receive_counted, send)


async def _refuse(error: HubError, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": error.code})
        return
    response = await run_in_threadpool(answer, Request(scope), error)
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
