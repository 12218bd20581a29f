"""Terms: of those that could do a duty one is elected, and under an old term nothing is committed.

Two ways lead to one: a lease, which ends unless its holder keeps it (`hub.queue`), and a lock, which PostgreSQL takes
from a session that has fallen silent (`hub.leader`).
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.orm import Session

from hub.models.base import uuid7

Ask = Callable[[str, Mapping[str, Any]], Any]
"""How a connection is asked, psycopg's own or one of SQLAlchemy's."""

_ELECTED = """insert into lease (id, owner_id, created_at, via, name, holder, term, until)
    values (%(id)s, %(nobody)s, now(), 'task', %(name)s, %(holder)s, 1, now() + coalesce(%(lasts)s, interval '0'))
    on conflict (name) do update set holder = excluded.holder, term = lease.term + 1, until = excluded.until
    where %(lasts)s::interval is null or lease.until < now()
    returning term"""


@dataclass(frozen=True)
class Held:
    """A term: of which duty, who holds it, and its number."""

    name: str
    holder: UUID
    term: int


class LeaseLost(RuntimeError):
    """Another holds the lease of this round by now; nothing of it was written."""


_HELD: ContextVar[Held | None] = ContextVar("held", default=None)


def elect(ask: Ask, name: str, lasts: timedelta | None) -> Held | None:
    """Begin the next term of a duty; None while another's lasts.

    ``lasts`` is how long it is kept without a word. None says that a lock makes the caller the only one: it is elected
    whatever the last term was.
    """
    holder = uuid7()
    row = ask(
        _ELECTED, {"id": uuid7(), "nobody": UUID(int=0), "name": name, "holder": holder, "lasts": lasts}
    ).fetchone()
    return None if row is None else Held(name, holder, row[0])


@contextmanager
def under(held: Held) -> Iterator[None]:
    """Commit under a term alone, in this context, until the end."""
    token = _HELD.set(held)
    try:
        yield
    finally:
        _HELD.reset(token)


@event.listens_for(Session, "before_commit")
def _check(session: Session) -> None:
    """Let a round write only while its term is its own; its row is kept from others until the commit is through."""
    held = _HELD.get()
    if held is None:
        return
    asked = {"name": held.name, "holder": held.holder, "term": held.term}
    if not session.execute(text("select holds_lease(:name, :holder, :term)"), asked).scalar():
        raise LeaseLost(f"{held.name}, term {held.term}")
