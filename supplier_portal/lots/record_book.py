"""An organisation's records in the order they were made: what each says, and how far it is on the ledger."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import defer
from sqlmodel import Session, col

from hub.access import Actor
from hub.gs1 import digital_link
from hub.lists import CountedPage, Search
from hub.models.trace import AnchorState, Event, EventKey, LogAppend, LogLeaf

_SORTS: dict[str, Any] = {
    "number": col(Event.seq),
    "step": col(Event.biz_step),
    "happened": col(Event.event_time),
    "recorded": col(Event.created_at),
}


@dataclass(frozen=True)
class RecordRow:
    """A record, the lots it speaks of, and the tree head that sealed it."""

    event: Event
    lots: list[str]
    append: LogAppend | None

    @property
    def state(self) -> str:
        """``unsigned`` waits for its member's own signature, ``waiting`` to be sealed; then the tree head's state."""
        if self.event.commitment is None:
            return "unsigned"
        return self.append.state.value if self.append else "waiting"

    @property
    def sealed(self) -> bool:
        """Whether it is in the log."""
        return self.append is not None

    @property
    def anchored(self) -> bool:
        """Whether the chain holds it."""
        return self.append is not None and self.append.state in (AnchorState.ANCHORED, AnchorState.FINAL)


def records(
    session: Session,
    actor: Actor,
    search: Search = Search(),
    *,
    steps: Collection[str] = (),
    since: datetime | None = None,
) -> CountedPage[RecordRow]:
    """The organisation's own records, where nothing else is asked the newest first; lots and steps are searched.

    ``steps`` are those that the words mean in the reader's language. The records come without their payloads, of which
    a list shows nothing.
    """
    statement = select(Event).where(col(Event.owner_id) == actor.organization_id)
    if since is not None:
        statement = statement.where(col(Event.created_at) >= since)
    if like := search.pattern:
        lots = select(col(EventKey.event_id)).where(
            col(EventKey.owner_id) == actor.organization_id, col(EventKey.link).ilike(like)
        )
        step = col(Event.biz_step)
        statement = statement.where(or_(col(Event.id).in_(lots), step.ilike(like), step.in_(steps)))
    total = session.scalar(select(func.count()).select_from(statement.subquery())) or 0
    asked = statement.order_by(*search.order(_SORTS, col(Event.id).desc())).options(defer(Event.payload))  # type: ignore[arg-type]
    events = session.scalars(asked.limit(search.size).offset(search.before)).all()
    return CountedPage(with_states(session, events), total, search)


def with_states(session: Session, events: Sequence[Event]) -> list[RecordRow]:
    """Records with their lots and how far they are."""
    ids = [event.id for event in events]
    lots: dict[UUID, list[str]] = {}
    for event_id, link in session.execute(
        select(col(EventKey.event_id), col(EventKey.link))
        .where(col(EventKey.event_id).in_(ids), col(EventKey.link).contains("/10/"))
        .order_by(col(EventKey.link))
    ):
        lots.setdefault(event_id, []).append(link)
    sealed = session.execute(
        select(col(LogLeaf.index), LogAppend)
        .join(LogAppend, col(LogAppend.number) == col(LogLeaf.append_number))
        .where(col(LogLeaf.index).in_([e.log_index for e in events if e.log_index is not None]))
    )
    appends: dict[int | None, LogAppend] = {row[0]: row[1] for row in sealed}
    return [
        RecordRow(event, list(dict.fromkeys(lots.get(event.id, []))), appends.get(event.log_index)) for event in events
    ]


def lot_number(link: str) -> str:
    """The lot number in a lot's link."""
    return digital_link.parse(link).qualifier("10") or ""


def by_id(session: Session, ids: Sequence[UUID]) -> dict[UUID, RecordRow]:
    """Records by their ids, one's own or others' that the session may see."""
    events = session.scalars(select(Event).where(col(Event.id).in_(ids))).all()
    return {row.event.id: row for row in with_states(session, events)}
