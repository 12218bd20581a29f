"""The bell: one connection of this process hears when the log has grown, and wakes everybody who follows it."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from hub import log
from hub.ledger.log import journal
from hub.settings import settings

_PAUSE = 1.0
_log = log.get("hub.api.following")


class Bell:
    """Listens while somebody follows; a bell that fell silent costs time alone, for each looks by itself too."""

    def __init__(self) -> None:
        self._ears: set[asyncio.Event] = set()
        self._listening: asyncio.Task[None] | None = None

    @contextmanager
    def heard(self) -> Iterator[asyncio.Event]:
        """What is set each time the log has grown, until it is cleared again."""
        ear = asyncio.Event()
        self._ears.add(ear)
        if self._listening is None:
            self._listening = asyncio.get_running_loop().create_task(self._listen())
        try:
            yield ear
        finally:
            self._ears.discard(ear)
            if not self._ears and self._listening is not None:
                self._listening.cancel()
                self._listening = None

    def ring(self) -> None:
        """Wake everybody."""
        for ear in self._ears:
            ear.set()

    async def _listen(self) -> None:
        address = settings().database_url.get_secret_value()
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(address, autocommit=True) as wire:
                    await wire.execute(f"listen {journal.SEALED}")
                    self.ring()  # what was sealed before anybody listened
                    async for _ in wire.notifies():
                        self.ring()
            except psycopg.OperationalError as problem:
                _log.warning("the bell is silent", problem=type(problem).__name__)
            await asyncio.sleep(_PAUSE)
