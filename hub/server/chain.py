"""The chain's data folder, copied while nothing writes to it.

A node that runs on this machine is stopped for as long as that takes (SIGSTOP): what lies on the disk then is what a
power cut would leave, from which a node starts. Records are captured and sealed meanwhile, and go to the chain after.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from chain_node import node
from hub.errors import HubError
from hub.settings import settings

_LOCKS = Path("/proc/locks")
_LOCK = "LOCK"
_NOT_COPIED = {_LOCK, "geth.ipc", "transactions.rlp"}


class ChainMoves(HubError):
    """The chain's node runs where it cannot be stopped from here: pause it while the backup is made."""

    code, status = "chain-moves", 409


@contextmanager
def at_rest(folder: Path) -> Iterator[None]:
    """Hold the node of a folder while this lasts, whatever happens meanwhile."""
    running = _holders(folder)
    if not running and node.answers(settings().chain_url):
        raise ChainMoves
    for pid in running:
        os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        for pid in running:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGCONT)


def files(folder: Path) -> list[Path]:
    """Everything of the chain that is to be kept."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in _NOT_COPIED)


def _holders(folder: Path) -> set[int]:
    """The processes that hold the locks of a node's folder, as the system lists them by device and number."""
    if not _LOCKS.exists():
        return set()
    states = [path.stat() for path in folder.rglob(_LOCK)]
    ours = {(os.major(state.st_dev), os.minor(state.st_dev), state.st_ino) for state in states}
    held = set()
    for line in _LOCKS.read_text().splitlines():
        words = line.split()
        major, minor, number = words[-3].split(":")
        if (int(major, 16), int(minor, 16), int(number)) in ours and int(words[-4]) > 0:
            held.add(int(words[-4]))
    return held
