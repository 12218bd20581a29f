"""What must not be lost: written in the transaction that makes it true, handled once in another."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select, text
from sqlmodel import Session, col

from hub import db, log, metrics, roles
from hub.errors import HubError, NotFound
from hub.messages import KINDS, Message
from hub.models.base import HUB, now
from hub.models.outbox import OutboxMessage

CHANNEL = "furrow_outbox"
_log = log.get("hub.outbox")
Listener = Callable[[Session, Message], None]
Listeners = Mapping[type[Message], Sequence[Listener]]
_LONGEST_PAUSE = timedelta(minutes=5)
MOST_ATTEMPTS = 24
"""Tries of a message over an hour and a half: as long as a rolling upgrade, or a core's restart, may take."""


class NotYet(HubError):
    """Something this message waits for is not there yet; it is tried until it is, however long that takes."""

    code, status = "not-yet", 409


class NotParked(HubError):
    """This message does not wait for anybody: it was handled, or is still being tried."""

    code, status = "message-not-parked", 409


def publish(session: Session, message: Message, to: UUID, *, at: datetime | None = None) -> None:
    """Tell an organisation what happened, in the caller's transaction; the hub's own session speaks for the hub.

    It is told at once, or at a moment still to come.
    """
    who: db.Who = session.info.get("who", db.Who(HUB))
    session.add(
        OutboxMessage(
            owner_id=who.org, to_org=to, type=type(message).__name__, body=message.body(), next_at=at or now()
        )
    )
    session.flush()
    db.ring(session, CHANNEL)


def relay(listeners: Listeners, limit: int = 100) -> int:
    """Handle the messages that are due; return how many were handled.

    Each is handled in the session of the organisation it was told to, and marked in that same moment's
    transaction under a row lock: a worker killed on the way leaves it due, and two relays never share one.
    """
    handled = 0
    for _ in range(limit):
        if not _relay_one(listeners):
            break
        handled += 1
    return handled


def _relay_one(listeners: Listeners) -> bool:
    with db.HubSession(db.relay_engine(), expire_on_commit=False) as desk:
        due = (
            select(OutboxMessage)
            .where(
                col(OutboxMessage.handled_at).is_(None),
                col(OutboxMessage.parked_at).is_(None),
                col(OutboxMessage.next_at) <= now(),
            )
            .order_by(col(OutboxMessage.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = desk.execute(due).scalar_one_or_none()
        if row is None:
            return False
        _handle(desk, row, listeners)
        desk.commit()
        return True


def _handle(desk: db.HubSession, row: OutboxMessage, listeners: Listeners) -> None:
    """Run the listeners inside the relay's own transaction, under the told organisation's row policies.

    One transaction carries both the effects and the mark. ``set role`` puts the policies back in force.
    """
    who = db.Who(row.to_org, None, "task")
    with (
        log.traced(row.trace),
        db.JoinedSession(
            desk.connection(), join_transaction_mode="create_savepoint", info={"who": who}, expire_on_commit=False
        ) as bound,
    ):
        try:
            kind, message = _read(row)
            bound.execute(text(f"set local role {roles.APP}"))
            bound.execute(text("select set_config('furrow.org', :o, true)"), {"o": str(row.to_org)})
            for listener in listeners.get(kind, ()):
                listener(bound, message)
            bound.flush()
            bound.execute(text("reset role"))
            bound.commit()
        except Exception as error:  # whatever a listener raises, the message stays due and says why
            bound.rollback()
            row.attempts += 1
            row.error = f"{type(error).__name__}: {error}"[:500]
            row.next_at = now() + min(timedelta(seconds=2 ** min(row.attempts, 9)), _LONGEST_PAUSE)
            failed = row.attempts >= MOST_ATTEMPTS and not isinstance(error, NotYet)
            row.parked_at = now() if failed else None
            waits = isinstance(error, NotYet)
            (_log.info if waits else _log.warning)("not handled", type=row.type, attempts=row.attempts, why=row.error)
            metrics.HANDLED.labels(row.type if row.type in KINDS else "unknown", "parked" if failed else "failed").inc()
            return
        _log.info("handled", type=row.type, to=str(row.to_org))
    metrics.HANDLED.labels(row.type, "handled").inc()
    row.handled_at, row.error = now(), ""


def _read(row: OutboxMessage) -> tuple[type[Message], Message]:
    """The message in a row; raises when this release does not know its name or its fields."""
    kind = KINDS.get(row.type)
    if kind is None:
        raise LookupError(f"no message is called {row.type}")
    return kind, kind.read(row.body)


def parked(session: Session) -> Sequence[OutboxMessage]:
    """The messages that wait for a person, the oldest first."""
    statement = select(OutboxMessage).where(
        col(OutboxMessage.parked_at).is_not(None), col(OutboxMessage.handled_at).is_(None)
    )
    return session.execute(statement.order_by(col(OutboxMessage.id))).scalars().all()


def again(session: Session, message_id: UUID) -> OutboxMessage:
    """Try a parked message anew; for its own organisation's administrator, or the operator."""
    row = session.get(OutboxMessage, message_id, with_for_update=True)
    if row is None:
        raise NotFound
    if row.parked_at is None or row.handled_at is not None:
        raise NotParked
    row.parked_at, row.attempts, row.next_at = None, 0, now()
    session.flush()
    db.ring(session, CHANNEL)
    return row
