"""The journal of everything said to the chain, one message after the other, and the names that are known beforehand."""

from functools import lru_cache
from time import monotonic
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from chain_node import deployment
from chain_node.ethereum import address_of
from hub import db
from hub.errors import NotReady
from hub.ledger.formats import streams
from hub.models.base import HUB
from hub.models.trace import ChainMessage
from hub.settings import settings

CHANNEL = "furrow_keeper"
"""Where PostgreSQL tells the keeper that something waits for it."""
SEALED = "furrow_sealed"
"""Where PostgreSQL tells whoever follows the log that it has grown."""


@lru_cache
def planned() -> deployment.Deployment:
    """Where the contracts stand, and the log's name: known before the chain runs."""
    return deployment.predict(settings().chain_id, _sender(), finality=deployment.Finality(settings().finality))


def _sender() -> bytes:
    """The hub's own account: its address is told to every part, its key to the one that sends."""
    address, key = settings().sender, settings().sender_key.get_secret_value()
    if not address and not key:
        raise NotReady("neither FURROW_SENDER nor FURROW_SENDER_KEY is set")
    return bytes.fromhex(address.removeprefix("0x")) if address else address_of(bytes.fromhex(key))


def log_domain() -> streams.Domain:
    """Where signatures over submissions and receipts count."""
    return streams.Domain(planned().chain_id, planned().addresses.trace_log)


def lot_domain() -> streams.Domain:
    """Where signatures over lots and recalls count."""
    return streams.Domain(planned().chain_id, planned().addresses.lots)


def enqueue(session: Session, kind: str, body: dict[str, object]) -> ChainMessage:
    """Put a message for the chain at the end of the journal."""
    db.in_turn(session, "ledger/journal")
    row = ChainMessage(owner_id=HUB, number=last(session, ChainMessage.number) + 1, kind=kind, body=body)
    session.add(row)
    session.flush()
    wake_keeper(session)
    return row


def wake_keeper(session: Session) -> None:
    """Have the keeper look at once when this transaction commits; without it, it looks within a second.

    Five times a second at most: PostgreSQL lets transactions that notify commit one after another, and each waits for
    the disk alone. Whoever comes in between is seen by the look that the one before asked for, or by the next.
    """
    if monotonic() - _rung.get(CHANNEL, -_SELDOM) >= _SELDOM:
        _rung[CHANNEL] = monotonic()
        db.ring(session, CHANNEL)


_SELDOM = 0.2
_rung: dict[str, float] = {}
"""When this process last rang."""


def last(session: Session, column: Any, before_any: int = 0) -> int:
    """The highest value of a column; ``before_any`` while there is none."""
    newest: int | None = session.execute(select(func.max(col(column)))).scalar_one()
    return before_any if newest is None else newest
