"""What an operator should look at, in a sentence each."""

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from chain_node.errors import LedgerError
from chain_node.rpc import Node
from hub import db, outbox
from hub.settings import settings

PEOPLE = 5
"""From so many people on, one address for all of them is a proxy's rather than an office's."""


def symptoms() -> Iterator[str]:
    """Each thing that is wrong, with what to do about it."""
    try:
        with db.hub_session() as session:
            waiting = len(outbox.parked(session))
            unsealed = session.execute(
                text(
                    """select count(*) from event where seq is null and commitment is not null
                    and created_at < now() - interval '1 minute'"""
                )
            ).scalar_one()
            people, addresses = session.execute(
                text(
                    """select count(distinct user_id), count(distinct address) from known_browser
                    where seen_at > now() - interval '7 days'"""
                )
            ).one()
    except OperationalError as problem:
        yield f"The database does not answer ({type(problem.orig).__name__})."
        return
    if waiting:
        yield f"{waiting} messages failed too often and wait for a person: see `furrow parked`."
    if unsealed:
        yield f"{unsealed} records wait to be sealed for more than a minute: is a keeper running (`hub.keeper`)?"
    if people >= PEOPLE and addresses == 1 and not settings().trusted_proxies:
        yield (
            f"All {people} people of this week seem to come from one address: a proxy stands before the hub. "
            "Name it in FURROW_TRUSTED_PROXIES, else strangers and colleagues are counted as one."
        )
    try:
        Node(settings().chain_url, timeout=3).block("latest")
    except LedgerError as problem:
        yield (
            f"The chain does not answer ({type(problem).__name__}):"
            " records are kept and sealed, and go to it once it is back."
        )
