"""The fence around the app: what browsers may load, whose requests count, how they arrive, how many are inside."""

import time
from collections import Counter, deque
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from ipaddress import ip_address
from urllib.parse import urlsplit
from uuid import UUID

import anyio
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocket

from hub import log, metrics
from hub.errors import HubError
from hub.gs1.syntax import identifiers
from hub.models.base import uuid7
from hub.settings import settings
from hub.web.problems import (
    BodyIncomplete,
    BodyTooLarge,
    BodyTooSlow,
    Busy,
    FromAnotherSite,
    TooManyAtOnce,
    TooManyGuesses,
    answer,
)

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


_KEYS = frozenset(identifiers.primary_keys())
"""What a Digital Link's path begins with: any page may ask where it leads."""

ANSWERED = ("http.response.start", "websocket.accept", "websocket.http.response.start")
"""With what an answer begins: to a request, to a websocket that is opened, to one that is refused."""

_log = log.get("hub.web")


class SafeHeaders:
    """Numbers the request, counts it, and puts on every answer what a browser must be told."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, with headers added to the answer; what a route sets itself stays."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        number = str(uuid7())
        scope.setdefault("state", {})["request_id"] = number
        path = scope["path"]
        resolves = path.lstrip("/").partition("/")[0] in _KEYS or path == "/.well-known/gs1resolver"

        async def send_safely(message: Message) -> None:
            if message["type"] in ANSWERED:
                headers = MutableHeaders(scope=message)
                if resolves:  # whoever scanned it: a code leads on from any page
                    headers["Access-Control-Allow-Origin"] = "*"
                    headers["Access-Control-Expose-Headers"] = "Location, Link"
                    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                headers.setdefault("Cache-Control", "no-store")
                headers["X-Request-Id"] = number
                if settings().secure:
                    headers["Strict-Transport-Security"] = "max-age=63072000; includeSubDomains"
                _tell(scope, message.get("status", 101), time.perf_counter() - begun)
            await send(message)

        begun = time.perf_counter()
        with log.traced(UUID(number)):
            await self.app(scope, receive, send_safely)


def _tell(scope: Scope, status: int, seconds: float) -> None:
    """Count a request by its route, and log those that may change something."""
    route = getattr(scope.get("route"), "path", "none")
    method = scope.get("method", "WEBSOCKET")
    metrics.REQUESTS.labels(route, method, f"{status // 100}xx").observe(seconds)
    tell = _log.debug if method in _SAFE else _log.info
    tell("request", method=method, route=route, status=status, ms=round(seconds * 1e3))


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


class Head:
    """Answers `HEAD` as `GET` would be answered, without the body."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass `HEAD` on as `GET`; the server leaves out the body."""
        if scope["type"] == "http" and scope["method"] == "HEAD":
            scope = {**scope, "method": "GET"}

            async def send_head(message: Message) -> None:
                if message["type"] == "http.response.body":
                    message = {**message, "body": b""}
                await send(message)

            await self.app(scope, receive, send_head)
            return
        await self.app(scope, receive, send)


class Gate:
    """Lets in no more requests than the database has connections; the others wait, and not for ever.

    A request takes its seat once it has arrived whole, and gives it back before its answer is sent: nobody's slow
    line keeps anybody else out.
    """

    def __init__(self, patience: float = 10, seats: int | None = None) -> None:
        self.patience = patience
        self.seats = anyio.Semaphore(seats or settings().database_pool)

    @asynccontextmanager
    async def seat(self) -> AsyncIterator[None]:
        """Wait for a seat and hold it; `Busy` when none was free in time."""
        with anyio.move_on_after(self.patience) as waiting:
            await self.seats.acquire()
        if waiting.cancelled_caught:
            raise Busy(retry_after=5)
        try:
            yield
        finally:
            self.seats.release()


class Arrivals:
    """Bodies on their way in: how large, how slow, and how many at once from one address."""

    def __init__(self, patience: float = 10, slowest: int = 2048, longest: float = 300, at_once: int = 32) -> None:
        self.patience, self.slowest, self.longest, self.at_once = patience, slowest, longest, at_once
        self._coming: Counter[str] = Counter()
        self._held: Counter[str] = Counter()

    @asynccontextmanager
    async def whole(self, request: Request, most: int) -> AsyncIterator[bytes]:
        """The body once it is all there, counted in chunks too; what is kept of it counts until the request ends.

        ``patience`` seconds are free, beyond them ``slowest`` bytes a second have to come. An address may have
        ``at_once`` bodies on their way and as many bytes kept here as three of the largest have.
        """
        announced = request.headers.get("content-length", "0")
        if announced.isdecimal() and (len(announced) > 15 or int(announced) > most):
            raise BodyTooLarge(limit=most)
        address = address_of(request)
        if self._coming[address] >= self.at_once:
            raise TooManyAtOnce(limit=self.at_once, retry_after=5)
        self._coming[address] += 1
        chunks: list[bytes] = []
        try:
            try:
                await self._read(request, most, address, chunks)
            finally:
                _less(self._coming, address, 1)
            yield b"".join(chunks)
        finally:
            _less(self._held, address, sum(map(len, chunks)))

    async def _read(self, request: Request, most: int, address: str, chunks: list[bytes]) -> None:
        begun, counted = anyio.current_time(), 0
        with anyio.CancelScope(deadline=begun + self.patience) as waiting:
            try:
                async for chunk in request.stream():
                    counted += len(chunk)
                    chunks.append(chunk)
                    self._held[address] += len(chunk)
                    if counted > most:
                        raise BodyTooLarge(limit=most)
                    if self._held[address] > 3 * settings().body_limit:
                        raise TooManyAtOnce(limit=self.at_once, retry_after=5)
                    waiting.deadline = begun + min(self.patience + counted / self.slowest, self.longest)
            except ClientDisconnect as gone:
                raise BodyIncomplete(received=counted) from gone
        if waiting.cancelled_caught:
            raise BodyTooSlow(received=counted)


class Guesses:
    """How often an address asked for what is not there: shoppers mistype, whoever counts through numbers is stopped."""

    def __init__(self, most: int = 60, window: float = 300, addresses: int = 10_000) -> None:
        self.most, self.window, self.addresses = most, window, addresses
        self._missed: dict[str, deque[float]] = {}

    def refuse(self, request: Request) -> None:
        """Raise `TooManyGuesses` while the address has missed too often."""
        missed = self._missed.get(address_of(request))
        while missed and missed[0] < time.monotonic() - self.window:
            missed.popleft()
        if missed and len(missed) >= self.most:
            raise TooManyGuesses(retry_after=int(self.window))

    def missed(self, request: Request) -> None:
        """Count a miss; of too many addresses the first are forgotten."""
        address = address_of(request)
        self._missed.setdefault(address, deque(maxlen=self.most)).append(time.monotonic())
        while len(self._missed) > self.addresses:
            del self._missed[next(iter(self._missed))]


def _less(counted: Counter[str], address: str, amount: int) -> None:
    counted[address] -= amount
    if not counted[address]:
        del counted[address]


def address_of(request: Request) -> str:
    """The address a request comes from: that of the connection, or what a proxy that we trust says it is.

    Of `X-Forwarded-For` the last entry counts that no trusted proxy wrote about itself; what stands before it may
    be anybody's invention.
    """
    address = request.client.host if request.client else ""
    entries = [entry.strip() for line in request.headers.getlist("x-forwarded-for") for entry in line.split(",")]
    while entries and _is_trusted(address):
        address = entries.pop()
    return address


def _is_trusted(address: str) -> bool:
    try:
        ip = ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in settings().trusted_networks)


async def _refuse(error: HubError, scope: Scope, receive: Receive, send: Send) -> None:
    asked = Request(scope) if scope["type"] == "http" else WebSocket(scope, receive, send)
    response = await run_in_threadpool(answer, asked, error)
    response.headers["Connection"] = "close"
    await response(scope, receive, send)
