"""A coroutine run to its end by a loop of its own, whatever loop an earlier test left running in this thread."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def run(coroutine: Coroutine[object, object, T]) -> T:
    """What ``coroutine`` returns; raises what it raises. (Playwright's loop runs on in the thread of its tests.)"""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, coroutine).result()
