"""One question for all who wait: what many requests ask at once is asked of the database together.

While a question is on its way, whoever comes waits for the next one, so that no answer is older than its asking.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from fastapi.concurrency import run_in_threadpool

from hub.web.security import Gate

Asked = TypeVar("Asked")
Told = TypeVar("Told")


class Shared(Generic[Asked, Told]):
    """Asks for what is waited for: one question at a time, with at most ``most`` different things in it.

    ``ask`` runs in a thread, and answers them in their order.
    """

    def __init__(self, ask: Callable[[Sequence[Asked]], Sequence[Told]], most: int) -> None:
        self._ask, self._most = ask, most
        self._waiting: dict[Asked, list[asyncio.Future[Told]]] = {}
        self._asking: asyncio.Task[None] | None = None

    async def answer(self, asked: Asked, gate: Gate) -> Told:
        """What is told of something; asked after the call, under a seat that all who wait share."""
        told = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(asked, []).append(told)
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._carry(gate))
        answer: Told = await told
        return answer

    async def _carry(self, gate: Gate) -> None:
        while self._waiting:
            asked = list(self._waiting)[: self._most]
            waiting = [self._waiting.pop(one) for one in asked]
            try:
                async with gate.seat():
                    answers = await run_in_threadpool(self._ask, asked)
            except Exception as broken:  # each who waits is answered as if it had asked alone
                _settle([told for each in waiting for told in each], broken)
                continue
            for each, answer in zip(waiting, answers, strict=True):
                _settle(each, answer)


def _settle(waiting: Sequence[asyncio.Future[Told]], what: Told | Exception) -> None:
    for told in waiting:
        if told.done():  # the reader has gone
            continue
        if isinstance(what, Exception):
            told.set_exception(what)
        else:
            told.set_result(what)
