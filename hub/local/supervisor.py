"""Keeps the parts of the embedded hub running, and finds those a killed predecessor left behind."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from hub.local import home

PATIENCE = 120.0
"""Seconds a part may take to be ready; machines that do much else at once are slow."""

_YOUNG = 30.0
_LONGEST_PAUSE = 10.0


@dataclass
class Part:
    """A program that should run as long as the hub does."""

    name: str
    command: list[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    ready: Callable[[], bool] = lambda: True
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    failures: int = 0
    retry_at: float = 0.0


@dataclass
class Supervisor:
    """Starts parts in order, restarts those that die, stops them in the opposite order."""

    folder: Path
    say: Callable[[str], None] = print
    parts: list[Part] = field(default_factory=list)

    def __post_init__(self) -> None:
        home.make(self.folder / "run")
        home.make(self.folder / "log")

    def sweep(self) -> None:
        """End what a killed supervisor of this folder left running; never another's process."""
        left = [found for path in (self.folder / "run").glob("*.json") if (found := _remembered(path))]
        left += [child for process in left for child in process.children(recursive=True)]
        for process in left:
            with suppress(psutil.NoSuchProcess):
                process.terminate()
        for process in psutil.wait_procs(left, timeout=8)[1]:
            process.kill()

    def start(self, part: Part) -> None:
        """Start a part and wait until it is ready."""
        self.parts.append(part)
        self._spawn(part)
        until = time.monotonic() + PATIENCE
        while not part.ready():
            if part.process is not None and part.process.poll() is not None:
                raise RuntimeError(f"{part.name} ended at once; its log: {self._log(part)}")
            if time.monotonic() > until:
                raise RuntimeError(f"{part.name} is not ready after {PATIENCE:.0f} s; its log: {self._log(part)}")
            time.sleep(0.1)

    def tend(self) -> list[Part]:
        """One look at every part: those that died are started again, later each time they die young; return those."""
        started = []
        for part in self.parts:
            if part.process is None or part.process.poll() is None:
                continue
            now = time.monotonic()
            if not part.retry_at:
                part.failures = 0 if now - part.started > _YOUNG else part.failures + 1
                part.retry_at = now + min(0.2 * 2**part.failures, _LONGEST_PAUSE)
                self.say(f"{part.name} ended ({part.process.returncode}); starting it again")
            if now >= part.retry_at:
                part.retry_at = 0.0
                self._spawn(part)
                started.append(part)
        return started

    def stop(self) -> None:
        """Stop every part, the last started first; those that do not listen are killed."""
        for part in reversed(self.parts):
            if part.process is None:
                continue
            if part.process.poll() is None:
                part.process.send_signal(signal.SIGTERM)
                try:
                    part.process.wait(20)
                except subprocess.TimeoutExpired:
                    os.killpg(part.process.pid, signal.SIGKILL)
                    part.process.wait()
            forget(self.folder, part.name)

    def _log(self, part: Part) -> Path:
        return self.folder / "log" / f"{part.name}.log"

    def _spawn(self, part: Part) -> None:
        with self._log(part).open("ab") as log:
            part.process = subprocess.Popen(
                part.command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **part.environment},
                start_new_session=True,
            )
        part.started = time.monotonic()
        remember(self.folder, part.name, part.process.pid)


def remember(folder: Path, name: str, pid: int) -> None:
    """Write down which process a part is, for whoever starts after us."""
    born = psutil.Process(pid).create_time()
    home.write(folder / "run" / f"{name}.json", json.dumps({"pid": pid, "born": born}))


def forget(folder: Path, name: str) -> None:
    """A part has ended as it should."""
    (folder / "run" / f"{name}.json").unlink(missing_ok=True)


def _remembered(path: Path) -> psutil.Process | None:
    """The process a note speaks of, if it is still that very process and not one that got its number."""
    try:
        note = json.loads(path.read_text())
        process = psutil.Process(note["pid"])
        return process if abs(process.create_time() - note["born"]) < 0.1 else None
    except (psutil.NoSuchProcess, ValueError, KeyError):
        return None
