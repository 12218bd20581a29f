"""Waiting for what others bring about: a part that starts, a block that is mined, a person who has his turn."""

import time
from collections.abc import Callable
from typing import TypeVar

Come = TypeVar("Come")


def wait_for(
    what: str,
    come: Callable[[], Come],
    seconds: float = 60,
    *,
    despite: tuple[type[Exception], ...] = (),
    told: Callable[[], object] = str,
) -> Come:
    """What has come to be, asked for again and again; gives up with what was waited for and what was last heard.

    While ``come`` raises one of ``despite``, it has not come yet. Whatever else it raises ends the waiting: it asserts
    what must be so meanwhile, such as that a process still runs. ``told`` is what else to show, such as its log.
    """
    end, pause = time.monotonic() + seconds, 0.02
    while True:
        heard: Exception | None = None
        try:
            if here := come():
                return here
        except despite as problem:
            heard = problem
        if time.monotonic() > end:
            last = f"{type(heard).__name__}: {heard}" if heard else told()
            raise AssertionError(f"{what} did not come to be in {seconds:g} s. {last}") from heard
        time.sleep(pause)
        pause = min(1.5 * pause, 0.4)
