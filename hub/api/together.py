"""Single events that come at once are written together: one transaction and one wait for the disk for all of them.

While a transaction is on its way, whatever comes for the same organisation by the same door waits for the next, and is
written with all that came meanwhile. Nobody is answered before the event is committed.
"""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from weakref import WeakKeyDictionary

from fastapi.concurrency import run_in_threadpool

from hub import db
from hub.access import Actor
from hub.gs1 import jcs
from hub.trace import capture
from hub.trace.capture import Outcome, Single
from hub.web.problems import Busy

MOST_WAITING = 500
"""Events of one organisation that may wait at once; one more is asked to come again."""

_SMALL = 16 * 1024
"""Bytes of an event that is read and judged at once; a larger one is sent to a thread, so that nobody waits for it."""


@dataclass
class _Waiting:
    single: Single
    answer: asyncio.Future[Outcome]


@dataclass
class _Desk:
    """What waits, and who is being carried, on one event loop."""

    waiting: defaultdict[db.Who, list[_Waiting]] = field(default_factory=lambda: defaultdict(list))
    carried: dict[db.Who, asyncio.Task[None]] = field(default_factory=dict)


_desks: WeakKeyDictionary[asyncio.AbstractEventLoop, _Desk] = WeakKeyDictionary()


async def capture_one(actor: Actor, body: bytes, read: capture.Read = jcs.parse) -> str:
    """Capture one event with all that come at the same time; return its identifier once it is committed."""
    if len(body) <= _SMALL:
        single = capture.single(actor, body, read)
    else:
        single = await run_in_threadpool(capture.single, actor, body, read)
    loop = asyncio.get_running_loop()
    desk, who = _desks.setdefault(loop, _Desk()), actor.who
    if len(desk.waiting[who]) >= MOST_WAITING:
        raise Busy(retry_after=5)
    mine = _Waiting(single, loop.create_future())
    desk.waiting[who].append(mine)
    if who not in desk.carried:
        desk.carried[who] = asyncio.create_task(_carry(desk, who))
    outcome = await mine.answer
    if outcome.refusal is not None:
        raise outcome.refusal
    return outcome.event_id


async def _carry(desk: _Desk, who: db.Who) -> None:
    """Write what waits until nothing does."""
    try:
        while together := desk.waiting.pop(who, None):
            for waiting, outcome in zip(together, await _written(who, together), strict=True):
                if waiting.answer.done():  # nobody waits for it any more
                    continue
                if isinstance(outcome, Outcome):
                    waiting.answer.set_result(outcome)
                else:
                    waiting.answer.set_exception(outcome)
    finally:
        del desk.carried[who]


async def _written(who: db.Who, together: Sequence[_Waiting]) -> Sequence[Outcome | Exception]:
    """What became of each. Where the database refuses all because of one, each is tried by itself."""
    try:
        return await run_in_threadpool(_write, who, [waiting.single for waiting in together])
    except Exception as problem:
        if len(together) == 1:
            return [problem]
    return [outcome for waiting in together for outcome in await _written(who, [waiting])]


def _write(who: db.Who, singles: Sequence[Single]) -> list[Outcome]:
    with db.session(who) as session:
        return capture.capture_singles(session, singles)
