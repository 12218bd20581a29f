"""The rounds of the ledger: seal every second, anchor every second, watch the chain."""

from datetime import timedelta

from chain_node.errors import LedgerError
from hub import db
from hub.ledger import anchoring, sealing
from hub.queue import task


@task(every=timedelta(seconds=1), alone=True)
def seal_events() -> int:
    """Seal what was captured since the last tree head; return how many records."""
    with db.hub_session() as session:
        return sealing.seal(session)


@task(every=timedelta(seconds=1), alone=True)
def anchor_log() -> int:
    """Take the journal to the chain a step further; 0 while the chain is away."""
    try:
        with db.hub_session() as session:
            return anchoring.anchor(session)
    except LedgerError as problem:
        return _away(problem)


@task(every=timedelta(seconds=2), alone=True)
def watch_chain() -> int:
    """Mark what is final, and put back what the chain forgot; 0 while the chain is away."""
    try:
        with db.hub_session() as session:
            return anchoring.watch(session)
    except LedgerError as problem:
        return _away(problem)


def _away(problem: LedgerError) -> int:
    print(f"the chain is away: {type(problem).__name__}: {problem}"[:300], flush=True)
    return 0
