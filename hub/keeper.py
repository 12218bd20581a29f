"""The keeper of the ledger: seals, signs and sends in a process of its own, the only one that holds those keys.

Two loops, so that a chain that does not answer holds up no sealing. Each is woken by PostgreSQL, or looks once a
second. Several keepers may run: one leads, the others stand by (`hub.leader`).
"""

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

import psycopg
from sqlalchemy.exc import OperationalError
from sqlmodel import Session

from chain_node.errors import LedgerError
from hub import db, leader, log, metrics, terms
from hub.ledger.log import anchoring, journal, sealing
from hub.settings import settings
from hub.trace import joining, recall

NAME = "keeper"
_log = log.get("hub.keeper")
_PAUSE = 1.0
_BREATH = 0.2
"""Seconds between two looks at least: what comes in meanwhile is sealed together."""


@dataclass
class Round:
    """One duty: what it does in a transaction of its own, and how often at most."""

    work: Callable[[Session], int]
    every: timedelta = timedelta(0)
    due: float = 0.0

    def turn(self) -> int:
        """Do it if it is due; return how much it moved, 0 when it could not."""
        if monotonic() < self.due:
            return 0
        self.due = monotonic() + self.every.total_seconds()
        duty, moved, ended = self.work.__name__, 0, "failed"
        try:
            with db.hub_session() as session:
                moved = self.work(session)
            ended = "done"
        except (OperationalError, terms.LeaseLost):
            raise
        except LedgerError as problem:
            ended = "chain-away"
            _log.warning("the chain is away", duty=duty, problem=type(problem).__name__, told=str(problem)[:300])
        except Exception:  # whatever stops one duty, the others go on, and it is tried again
            _log.exception("a duty failed", duty=duty)
        finally:
            metrics.ROUNDS.labels(duty, ended).inc()
        return moved


def sealer() -> list[Round]:
    """What needs the database alone."""
    return [Round(joining.enrol), Round(recall.unsent), Round(sealing.seal)]


def sender() -> list[Round]:
    """What asks the chain."""
    return [Round(anchoring.anchor), Round(anchoring.watch, timedelta(seconds=2))]


def main() -> None:
    """Keep the ledger until told to stop; a database that goes away is waited for."""
    log.configure(NAME)
    metrics.serve()
    over = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: over.set())
    while not over.is_set():
        try:
            _stand(over)
        except psycopg.OperationalError as problem:
            _log.warning("the database is away", problem=type(problem).__name__)
            over.wait(_PAUSE)


def _stand(over: threading.Event) -> None:
    """Wait to be elected, then lead until told to stop or no longer leader."""
    with leader.candidate(NAME) as candidate:
        while (held := candidate.elected()) is None:
            if over.wait(_PAUSE) or candidate.lost.is_set():
                return
        _log.info("leading", term=held.term)
        metrics.LEADING.set(1)
        ended = threading.Event()
        loops = [
            threading.Thread(target=_loop, args=(rounds, held, ended), name=name, daemon=True)
            for name, rounds in (("sealer", sealer()), ("sender", sender()))
        ]
        for loop in loops:
            loop.start()
        while not (over.is_set() or ended.is_set() or candidate.lost.is_set()):
            over.wait(_BREATH)
        ended.set()
        for loop in loops:
            loop.join()
        metrics.LEADING.set(0)


def _loop(rounds: Sequence[Round], held: terms.Held, ended: threading.Event) -> None:
    """Do the rounds under a term, until it ends; a loop that cannot go on ends the other too."""
    address = settings().database_relay_url.get_secret_value()
    try:
        with terms.under(held), psycopg.connect(address, autocommit=True) as bell:
            bell.execute(f"listen {journal.CHANNEL}")
            while not ended.is_set():
                moved = sum(round_.turn() for round_ in rounds)
                ended.wait(_BREATH)
                for _ in bell.notifies(timeout=_BREATH if moved else _PAUSE, stop_after=1):
                    pass
    except (psycopg.OperationalError, OperationalError, terms.LeaseLost) as problem:
        _log.warning("no longer leading", problem=type(problem).__name__)
    finally:
        ended.set()


if __name__ == "__main__":
    main()
