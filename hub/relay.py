"""The relay: hands every message of the outbox to its listeners, woken by PostgreSQL or once a second.

It only waits, and so does the clock of the rounds, which runs beside it in a thread (``--clock FILE``).
"""

import argparse
import signal
import threading
from pathlib import Path

import psycopg
from sqlalchemy.exc import OperationalError

from hub import letters, log, metrics, outbox
from hub.accounts import post
from hub.listeners import LISTENERS
from hub.notices import carriers
from hub.settings import settings

_PAUSE = 1.0
_log = log.get("hub.relay")


def main(schedule: Path | None = None) -> None:
    """Relay until told to stop; a database that goes away is waited for."""
    over = threading.Event()
    if carriers.mails():
        post.carry_by(letters.carry)
    if schedule is not None:
        from hub import queue, worker  # noqa: F401  its tasks are what the clock calls

        clock = queue.clock(schedule)
        clock.daemon = True
        clock.start()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: over.set())
    while not over.is_set():
        try:
            _listen(over)
        except (psycopg.OperationalError, OperationalError) as problem:
            _log.warning("the database is away", problem=type(problem).__name__)
            over.wait(_PAUSE)


def _listen(over: threading.Event) -> None:
    address = settings().database_relay_url.get_secret_value()
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"listen {outbox.CHANNEL}")
        while not over.is_set():
            outbox.relay(LISTENERS)
            for _ in connection.notifies(timeout=_PAUSE, stop_after=1):
                pass


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--clock", type=Path, help="run the clock of the rounds too, remembering them in this file")
    log.configure("relay")
    metrics.serve()
    main(parser.parse_args().clock)
