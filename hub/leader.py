"""Leadership: of the processes that could do a duty one does it, by a lock that its session with PostgreSQL holds.

A leader that dies loses the lock with its connection, one that is stopped or cut off loses it when PostgreSQL has not
heard of it for a while; its successor begins a new term, and under an old term nothing is committed (`hub.terms`).
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import psycopg
from psycopg import errors

from hub import terms
from hub.settings import settings

SILENCE = timedelta(seconds=8)
"""How long a leader may be silent before PostgreSQL ends its session and lets another lead."""


class Candidate:
    """One process's wish to lead, over one session with the database."""

    def __init__(self, connection: psycopg.Connection[Any], name: str, silence: timedelta) -> None:
        self._connection, self._name, self._silence = connection, name, silence
        self.lost = threading.Event()
        """Set when the session, and with it the lock, is gone."""

    def elected(self) -> terms.Held | None:
        """The term to lead under; None while another leads."""
        lock = {"name": f"leader/{self._name}"}
        got = self._connection.execute("select pg_try_advisory_lock(hashtextextended(%(name)s, 0))", lock).fetchone()
        if not got or not got[0]:
            return None
        try:
            return terms.elect(self._connection.execute, self._name, None)
        except errors.LockNotAvailable:  # the last leader stopped between its check and its commit: wait for its end
            self._connection.execute("select pg_advisory_unlock(hashtextextended(%(name)s, 0))", lock)
            return None

    def beat(self, over: threading.Event) -> None:
        """Let the database hear of us until it is over; `lost` when it cannot."""
        while not over.wait(self._silence.total_seconds() / 4):
            try:
                self._connection.execute("select 1")
            except psycopg.Error:
                self.lost.set()
                return


@contextmanager
def candidate(name: str, silence: timedelta = SILENCE) -> Iterator[Candidate]:
    """Stand for a duty; raises `psycopg.OperationalError` when the database is away."""
    address = settings().database_relay_url.get_secret_value()
    with psycopg.connect(address, autocommit=True) as connection:
        # A setting's value cannot be a parameter; this one is a number of our own.
        connection.execute(f"set idle_session_timeout = {int(silence.total_seconds() * 1000)}")
        standing, over = Candidate(connection, name, silence), threading.Event()
        beating = threading.Thread(target=standing.beat, args=(over,), daemon=True)
        beating.start()
        try:
            yield standing
        finally:
            over.set()
            beating.join()
