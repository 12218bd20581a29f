"""``make run``: sets up what is missing and runs the whole hub until Ctrl-C."""

import fcntl
import os
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

from chain_node import build
from hub.local import accounts, home
from hub.local.installation import SECRETS, Installation, World, here
from hub.local.postgres import PostgresFailed
from hub.local.supervisor import PATIENCE, Part, Supervisor


class Stopped(Exception):
    """Somebody asked us to stop."""


_ASKED = threading.Event()
"""Set once somebody has."""


def main() -> int:
    """Run until told to stop; 0 when it ended well."""
    installation = here()
    for name in frozenset().union(*SECRETS.values()):
        os.environ.pop(name, None)  # a secret of the shell we were started from is no part's to see
    home.make(installation.folder, home.unprivileged())
    with (installation.folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"Furrow is running already: {installation.address}")
            return 1
        for kind in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(kind, _stop)
        return _run(installation)


def _run(installation: Installation) -> int:
    supervisor = Supervisor(installation.folder, _say)
    supervisor.sweep()
    try:
        _start(installation, supervisor)
        while True:
            for part in supervisor.tend():
                if part.name == "chain":
                    threading.Thread(target=_put_back, args=(installation, part), daemon=True).start()
            _tend_postgres(installation)
            time.sleep(0.5)
    except Exception:
        # Asked in the middle of a question to the database, what comes out of it is the driver's own trouble.
        if not _ASKED.is_set():
            raise
        _say("Stopping …")
        return 0
    finally:
        for kind in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(kind, signal.SIG_IGN)
        supervisor.stop()
        installation.postgres.stop()


def _start(installation: Installation, supervisor: Supervisor) -> None:
    begun = time.monotonic()
    builder = Builder()
    builder.start()
    _say("PostgreSQL and the schema …")
    first = installation.prepare()
    if first:
        installation.tell(coming="world", since=time.time())
    _say("Valkey, core and web …")
    supervisor.start(installation.valkey())
    supervisor.start(installation.core())
    supervisor.start(installation.web())
    with ThreadPoolExecutor(1) as beside:
        # The chain comes beside the rest, and while the sample world is played; after it where its node must be built.
        chain = None if builder.is_alive() else beside.submit(_chain, installation, supervisor, builder)
        if first:
            _say(f"The page is up: {installation.address}")
            accounts.play(installation, _say)
        for part in [*installation.background(), *installation.signers()]:
            supervisor.start(part)
        installation.tell(coming="chain", since=time.time())
        while builder.is_alive():
            supervisor.tend()
            time.sleep(0.2)
        chain = chain or beside.submit(_chain, installation, supervisor, builder)
        while not chain.done():
            supervisor.tend()
            time.sleep(0.2)
        chain.result()
    installation.tell()
    _say(f"All of it runs after {time.monotonic() - begun:.0f} s.")
    print(accounts.greeting(installation), flush=True)
    if installation.world is World.OWN:
        installation.run("admission", "-m", "hub.local.admission")


_PUTTING_BACK = threading.Lock()


def _put_back(installation: Installation, chain: Part) -> None:
    """Put the contracts back where they are missing: a chain killed right after they were made may have lost them."""
    with _PUTTING_BACK:
        until = time.monotonic() + PATIENCE
        while not chain.ready():
            if _ASKED.is_set() or time.monotonic() > until:
                return
            time.sleep(0.2)
        try:
            installation.deploy()
        except subprocess.CalledProcessError:
            _say("The contracts could not be looked after; it is tried again when the chain starts the next time")


def _tend_postgres(installation: Installation) -> None:
    if installation.postgres.running():
        return
    _say("PostgreSQL ended; starting it again")
    try:
        installation.postgres.start(installation.ports["postgres"])
    except PostgresFailed as problem:
        # Everything else goes on waiting for it: a disk that was full is free again one day.
        _say(f"PostgreSQL does not start yet: {str(problem)[-200:]}")


class Builder(threading.Thread):
    """Builds the chain node beside everything else."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self._program: Path | None = None
        self._problem: Exception | None = None

    def run(self) -> None:
        """Build, and remember how it ended."""
        try:
            self._program = build.program(_say)
        except Exception as problem:  # whatever it is, the thread that waits for us must hear of it
            self._problem = problem

    def result(self) -> Path:
        """The program; raises what kept it from being built."""
        if self._program is None:
            raise self._problem or RuntimeError("the chain node was not built")
        return self._program


def _chain(installation: Installation, supervisor: Supervisor, builder: Builder) -> None:
    """Start the chain, whose node is built, and put the contracts on it."""
    supervisor.start(installation.chain(builder.result()))
    installation.deploy()


def _stop(*_: object) -> None:
    _ASKED.set()
    raise Stopped


def _say(text: str) -> None:
    with suppress(BrokenPipeError):
        print(f"  {text}", flush=True)


if __name__ == "__main__":
    os.umask(0o077)
    sys.exit(main())
