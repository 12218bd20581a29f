"""The relay: hands every message of the outbox to its listeners, woken by PostgreSQL or once a second."""

import signal
import threading

import psycopg
from sqlalchemy.exc import OperationalError

from hub import outbox
from hub.settings import settings
from hub.worker import LISTENERS

_PAUSE = 1.0


def main() -> None:
    """Relay until told to stop; a database that goes away is waited for."""
    over = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: over.set())
    while not over.is_set():
        try:
            _listen(over)
        except (psycopg.OperationalError, OperationalError) as problem:
            print(f"the database is away: {type(problem).__name__}", flush=True)
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
    main()
