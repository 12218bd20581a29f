"""Hands memory back a second after the answer that made the web grow (`hub.memory`)."""

import asyncio
import time

from starlette.types import ASGIApp, Receive, Scope, Send

from hub import memory

_SOON, _SELDOM = 1.0, 10.0
"""Seconds after an answer, and between two looks: under load there is always something that cannot be given back."""


class HandBack:
    """ASGI middleware: a second after the answer that made the process grow, what is free is handed back."""

    def __init__(self, app: ASGIApp, slack: int = memory.SLACK) -> None:
        self.app, self.slack = app, slack
        self.least = 0
        self._looked = -_SELDOM
        self._coming: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and look how large the process has become."""
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "http" and self._coming is None and memory.resident() > self.least + self.slack:
                pause = max(_SOON, self._looked + _SELDOM - time.monotonic())
                self._coming = asyncio.get_running_loop().call_later(pause, self._start)

    def _start(self) -> None:
        asyncio.get_running_loop().run_in_executor(None, memory.hand_back).add_done_callback(self._done)

    def _done(self, _ended: object) -> None:
        self._coming, self._looked = None, time.monotonic()
        self.least = min(self.least or memory.resident(), memory.resident())
