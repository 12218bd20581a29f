"""Memory that was freed goes back to the system: glibc keeps it unless it is asked to give it up.

Nothing of ours holds it (`benchmarks.memory`): after a bundle of 4,000 records 18 MB stay with the allocator, after a
forecast 30, and its ``malloc_trim`` gives them back. Where the C library has no such thing, nothing is done.
"""

import ctypes
import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

SLACK = 8 * 1024 * 1024
"""Bytes that a process may have grown by before it is looked after."""

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


class Watch:
    """Sees how large a process has become since it last handed back."""

    def __init__(self, slack: int = SLACK) -> None:
        self.slack, self.before = slack, 0

    def settle(self) -> bool:
        """Hand back where it has grown; whether it did."""
        if resident() <= self.before + self.slack:
            return False
        hand_back()
        self.before = resident()
        return True
