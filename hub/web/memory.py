"""Hands memory back after bulk work: glibc keeps what was freed unless it is asked to give it up.

Nothing of ours holds it (`benchmarks.memory`): after a bundle of 4,000 records 18 MB stay with the allocator, and its
``malloc_trim`` gives them back. Where the C library has no such thing, nothing is done.
"""

import asyncio
import ctypes
import gc
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

SLACK = 8 * 1024 * 1024
"""Bytes that a process may have grown by before it is looked after."""

_SOON, _SELDOM = 1.0, 10.0
"""Seconds after an answer, and between two looks: under load there is always something that cannot be given back."""

_STATM = Path("/proc/self/statm")
_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096


def resident() -> int:
    """Bytes of memory that this process has now; 0 where nobody tells."""
    try:
        return int(_STATM.read_bytes().split()[1]) * _PAGE
    except (OSError, ValueError, IndexError):
        return 0


def _trimmer() -> Callable[[], Any] | None:
    try:
        trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError, TypeError):
        return None
    return lambda: trim(0)


def hand_back() -> None:
    """Give to the system what is free; takes some tens of milliseconds."""
    gc.collect()
    if (trim := _trimmer()) is not None:
        trim()


class HandBack:
    """ASGI middleware: a second after the answer that made the process grow, what is free is handed back."""

    def __init__(self, app: ASGIApp, slack: int = SLACK) -> None:
        self.app, self.slack = app, slack
        self.least = 0
        self._looked = -_SELDOM
        self._coming: asyncio.TimerHandle | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve, and look how large the process has become."""
        try:
            await self.app(scope, receive, send)
        finally:
            if scope["type"] == "http" and self._coming is None and resident() > self.least + self.slack:
                pause = max(_SOON, self._looked + _SELDOM - time.monotonic())
                self._coming = asyncio.get_running_loop().call_later(pause, self._start)

    def _start(self) -> None:
        asyncio.get_running_loop().run_in_executor(None, hand_back).add_done_callback(self._done)

    def _done(self, _ended: object) -> None:
        self._coming, self._looked = None, time.monotonic()
        self.least = min(self.least or resident(), resident())
