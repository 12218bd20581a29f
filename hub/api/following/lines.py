"""Open lines (WebSocket): bounded in number, cheap while they wait, closed when nobody reads or may ask any longer."""

import asyncio
import json
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

import anyio
from fastapi import WebSocket
from fastapi.concurrency import run_in_threadpool
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.websockets import WebSocketDisconnect

from hub import db, log
from hub.access import Actor
from hub.api.following.bell import Bell
from hub.errors import HubError, SignInNeeded
from hub.models.base import now
from hub.trace.asking import following
from hub.trace.asking.following import Answer, Follower
from hub.web.deps import Requires, known_to_us, still_there

T = TypeVar("T")
DONE, UNREAD, REFUSED, FAILED, LATER = 1000, 1003, 1008, 1011, 1013
"""Why a line is closed: the codes of RFC 6455 and its registry."""
_log = log.get("hub.api.following")


class TooManyLines(HubError):
    """As many lines are open as this hub keeps, for you or for everybody; close one, or use a webhook."""

    code, status, epcis = "too-many-lines", 429, "ImplementationException"


class NotRead(Exception):
    """What was sent over a line was not read in time."""


class Lines:
    """The open lines of this process."""

    def __init__(
        self, most: int = 200, most_of_one: int = 20, patience: float = 30, again: float = 30, breath: float = 0.5
    ) -> None:
        self.most, self.most_of_one = most, most_of_one
        self.patience, self.again, self.breath = patience, again, breath
        self.bell = Bell()
        self.turns = anyio.Semaphore(2)
        """All lines together take no more seats than these from whoever asks over HTTP."""
        self._open: Counter[UUID] = Counter()

    @contextmanager
    def place(self, organization: UUID) -> Iterator[None]:
        """A place for a line; `TooManyLines` where none is free."""
        if self._open[organization] >= self.most_of_one or self._open.total() >= self.most:
            raise TooManyLines(most=self.most_of_one, retry_after=60)
        self._open[organization] += 1
        try:
            yield
        finally:
            self._open[organization] -= 1
            self._open += Counter()  # forgets whoever has none

    async def ask(self, socket: WebSocket, door: Requires, what: Callable[[db.TenantSession], T]) -> T:
        """Ask the database in a session of its own, for whoever opened the line and still may."""
        async with self.turns, socket.app.state.gate.seat():
            return await run_in_threadpool(_asked, socket, door, what)


def _asked(socket: WebSocket, door: Requires, what: Callable[[db.TenantSession], T]) -> T:
    begun: Actor = socket.state.actor
    actor = door.admit(known_to_us(still_there(socket)))
    if actor.organization_id != begun.organization_id:
        raise SignInNeeded
    with db.session(actor.who) as session:
        return what(session)


class Line:
    """One open line: tells a follower what is new until either side ends it."""

    def __init__(self, lines: Lines, socket: WebSocket, door: Requires, follower: Follower) -> None:
        self.lines, self.socket, self.door, self.follower = lines, socket, door, follower
        self.over: tuple[int, str] | None = (DONE, "")
        """With which code and reason it is closed; None where the other side has gone."""

    async def serve(self) -> None:
        """Tell until it is over, then close."""
        async with anyio.create_task_group() as both:
            both.start_soon(self._hear, both.cancel_scope)
            await self._tell()
            both.cancel_scope.cancel()
        if self.over is not None:
            with anyio.move_on_after(self.lines.patience):
                await self.socket.close(*self.over)
        _log.info("a line ended", query=self.follower.name, over=str(self.over))

    async def _hear(self, scope: anyio.CancelScope) -> None:
        """Whoever follows says nothing; the first thing to hear ends the line."""
        message = await self.socket.receive()
        self.over = None if message["type"] == "websocket.disconnect" else (UNREAD, "nothing-is-read-here")
        scope.cancel()

    async def _tell(self) -> None:
        try:
            if self.follower.wish.schedule is None:
                with self.lines.bell.heard() as rung:
                    await self._stream(rung)
            else:
                await self._by_schedule(self.follower.wish.schedule.after)
        except NotRead:
            self.over = None  # a word of farewell would wait behind what is not read
            _log.info("a line was not read", query=self.follower.name)
        except WebSocketDisconnect:
            self.over = None
        except HubError as problem:
            self.over = (LATER if problem.status in (429, 503) else REFUSED, problem.code)
        except (OperationalError, PoolTimeout) as problem:
            _log.warning("the database is away or too slow", problem=type(problem).__name__)
            self.over = (LATER, "not-ready")
        except Exception:  # the line ends, and whoever comes back goes on by the mark
            _log.exception("a line failed", query=self.follower.name)
            self.over = (FAILED, "failed")

    async def _stream(self, rung: asyncio.Event) -> None:
        """Look whenever the log has grown, but not more often than once a breath, and now and then at least."""
        while True:
            rung.clear()
            await self._news()
            await anyio.sleep(self.lines.breath)
            with anyio.move_on_after(self.lines.again):
                await rung.wait()

    async def _by_schedule(self, after: Callable[[datetime], datetime]) -> None:
        """Look at the moments of a schedule, and ask meanwhile whether one still may."""
        due = after(now())
        while True:
            await anyio.sleep(max(0.0, min((due - now()).total_seconds(), self.lines.again)))
            if now() < due:
                await self._ask(lambda session: following.check(session, self.follower))
                continue
            told = await self._news()
            if self.follower.wish.report_if_empty and not told:
                await self._send(following.nothing(self.follower))
            due = after(now())

    async def _news(self) -> bool:
        """Tell everything that is new, document by document; whether there was anything."""
        told, more = False, True
        while more:
            found: Answer = await self._ask(lambda session: following.answer(session, self.follower))
            if found.document is not None:
                await self._send(found.document)
                told = True
            self.follower, more = found.follower, found.more
        return told

    async def _ask(self, what: Callable[[db.TenantSession], T]) -> T:
        return await self.lines.ask(self.socket, self.door, what)

    async def _send(self, document: dict[str, Any]) -> None:
        """Send a document; `NotRead` where the last ones were not read for so long."""
        with anyio.move_on_after(self.lines.patience) as waiting:
            await self.socket.send_text(json.dumps(document, ensure_ascii=False))
        if waiting.cancelled_caught:
            raise NotRead
