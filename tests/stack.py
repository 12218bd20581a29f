"""The whole embedded hub as ``make run`` starts it, in a folder of its own, for tests that kill parts of it."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil

from hub.local import home
from hub.local.installation import PORTS, Installation
from tests.waiting import wait_for

CHECKOUT = Path(__file__).resolve().parent.parent
BACKGROUND = ("relay", "worker-cores", "worker-plans", "worker-bulk")
PARTS = ("web", "keeper", "background", *BACKGROUND, "valkey", "chain", "core")


@dataclass
class Stack:
    """One running installation without the sample world."""

    folder: Path
    more: dict[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    log_file: Path = field(default=Path())

    def __post_init__(self) -> None:
        if self.log_file == Path():
            self.log_file = self.folder.parent / "out.log"

    @property
    def installation(self) -> Installation:
        """What it consists of, as it is written down now."""
        return Installation(self.folder)

    @property
    def address(self) -> str:
        """Where its pages are."""
        return self.installation.address

    def ends(self, name: str) -> str:
        """With what a process's own log ends."""
        return (self.folder / "log" / f"{name}.log").read_text(errors="replace")[-4000:]

    @property
    def log(self) -> str:
        """What the supervisor has said."""
        return self.log_file.read_text() if self.log_file.exists() else ""

    def keep_ports(self, first: int) -> None:
        """Use ports of its own, which no other installation takes while a part of this one is dead."""
        home.make(self.folder, home.unprivileged())
        home.write(self.folder / "ports.json", json.dumps({name: first + n for n, name in enumerate(PORTS)}))

    def start(self, seconds: float = 240) -> float:
        """Start it and wait until all of it runs; return how long that took."""
        begun = time.monotonic()
        environment = os.environ | {"FURROW_HOME": str(self.folder), "FURROW_WORLD": "own"} | self.more
        with self.log_file.open("wb") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "hub.local"], cwd=CHECKOUT, env=environment, stdout=log, stderr=log
            )
        wait_for("all of it", self._runs, seconds, told=lambda: self.log)
        return time.monotonic() - begun

    def _runs(self) -> bool:
        said = "All of it runs" in self.log
        assert said or (self.process is not None and self.process.poll() is None), self.log
        return said

    def stop(self) -> int:
        """Ctrl-C; the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGINT)
        return self.process.wait(180)

    def kill(self, name: str) -> None:
        """``kill -9`` of a part, of ``postgres``, or of the supervisor itself (``local``)."""
        if name == "local":
            assert self.process is not None
            self.process.kill()
            self.process.wait()
            return
        try:
            os.kill(self.pid(name), signal.SIGKILL)
        except ProcessLookupError:
            return  # it died by itself meanwhile, and is being started again

    def pid(self, name: str) -> int:
        """The process of a part."""
        if name == "postgres":
            return int((self.installation.postgres.data / "postmaster.pid").read_text().splitlines()[0])
        told: dict[str, Any] = json.loads((self.folder / "run" / f"{name}.json").read_text())
        return int(told["pid"])

    def alive(self, name: str) -> bool:
        """Whether a part's process is there."""
        try:
            return psutil.Process(self.pid(name)).status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, FileNotFoundError, ValueError, IndexError):
            return False
