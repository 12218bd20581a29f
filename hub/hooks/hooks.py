"""Whom of its programs an organisation has told, and of what; what was sent to each, and sending it again."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, case, func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from hub import access, keys
from hub.access import Actor
from hub.errors import HubError, InvalidInput, NotFound
from hub.hooks import signing
from hub.keys import Cell
from hub.lists import CountedPage, Search
from hub.messages import Message, NoticeGiven
from hub.models.base import now, uuid7
from hub.models.hook import Hook, HookMessage
from hub.notices.kinds import KINDS
from hub.settings import settings
from hub.trace.asking import webhooks

MOST = 20
"""Programs of an organisation that may be told."""
TEST = "hook.test"
GIVEN_UP = "hook.given-up"
"""The kind of notice that a program was not reached for three days: told to people alone."""
WAITS = col(HookMessage.sent_at).is_(None) & col(HookMessage.given_up_at).is_(None)
"""What was neither taken nor given up."""


class TooManyHooks(HubError):
    """As many programs are told as this hub tells; end one first."""

    code, status = "too-many-hooks", 409


class HookOver(HubError):
    """Nothing is sent to this address any more."""

    code, status = "hook-over", 409


def kinds(actor: Actor) -> list[str]:
    """The kinds of notices that whoever asks may have a program told: those of his own work."""
    return [name for name, kind in KINDS.items() if kind.permission in actor.permissions and name != GIVEN_UP]


def add(session: Session, actor: Actor, url: str, wanted: Sequence[str]) -> tuple[Hook, str]:
    """Begin to tell a program; return it with its secret, which is shown this once."""
    if unknown := sorted(set(wanted) - set(kinds(actor))):
        raise InvalidInput(f"{unknown[0]!r:.60} is no kind of notice that you may have told.", at="kinds")
    if not wanted:
        raise InvalidInput("Choose at least one kind of notice.", at="kinds")
    webhooks.check(url)
    if len(every(session)) >= MOST:
        raise TooManyHooks(most=MOST)
    hook = Hook(owner_id=actor.organization_id, url=url, kinds=sorted(set(wanted)), via=actor.via)
    secret = signing.new_secret()
    hook.secret = keys.seal(secret.encode(), _cell(hook))
    session.add(hook)
    session.flush()
    access.record(session, actor, "hook.make", hook.id, url=url, kinds=", ".join(hook.kinds))
    return hook, secret


def every(session: Session) -> Sequence[Hook]:
    """The programs that are told, the oldest first."""
    mine = select(Hook).where(col(Hook.owner_id) == session.info["who"].org, col(Hook.ended_at).is_(None))
    return session.exec(mine.order_by(col(Hook.id))).all()


def find(session: Session, hook_id: UUID) -> Hook:
    """One of them; ``NotFound`` where there is none such."""
    hook = session.get(Hook, hook_id)
    if hook is None or hook.owner_id != session.info["who"].org or hook.ended_at is not None:
        raise NotFound("There is no such webhook.")
    return hook


def end(session: Session, actor: Actor, hook_id: UUID) -> None:
    """Tell a program no longer; what still waits for it is given up."""
    hook = find(session, hook_id)
    hook.ended_at = now()
    session.add(hook)
    session.execute(update(HookMessage).where(_waiting(hook)).values(given_up_at=now()))
    access.record(session, actor, "hook.end", hook.id, url=hook.url)


def resume(session: Session, actor: Actor, hook_id: UUID) -> None:
    """Tell a program again that had said it was gone."""
    hook = find(session, hook_id)
    hook.stopped_at = None
    session.add(hook)
    session.execute(update(HookMessage).where(_waiting(hook)).values(due_at=now()))
    access.record(session, actor, "hook.resume", hook.id, url=hook.url)


def given(session: Session, notice: Message) -> None:
    """Write down for each program of the session's organisation what it is to be told of a notice."""
    assert isinstance(notice, NoticeGiven)
    if notice.only:  # a word to one person
        return
    for hook in every(session):
        if notice.kind in hook.kinds:
            said = {"said": notice.said, "page": settings().base_url + notice.address}
            _write(session, hook, notice.kind, notice.key, said)


def test(session: Session, actor: Actor, hook_id: UUID) -> None:
    """Send a program a message that means nothing, signed and tried as all others."""
    hook = _going(session, hook_id)
    _write(session, hook, TEST, f"{TEST}/{uuid7()}", {"said": {}, "page": f"{settings().base_url}/settings/hooks"})
    access.record(session, actor, "hook.test", hook.id, url=hook.url)


def _write(session: Session, hook: Hook, kind: str, key: str, data: Mapping[str, object]) -> None:
    told = {"type": kind, "timestamp": now().isoformat(), "data": {"key": key, **data}}
    row = insert(HookMessage).values(
        id=uuid7(),
        owner_id=hook.owner_id,
        created_at=now(),
        via="notice",
        hook_id=hook.id,
        kind=kind,
        key=key,
        body=json.dumps(told, ensure_ascii=False),
        due_at=now(),
        attempts=0,
    )
    session.execute(row.on_conflict_do_nothing(index_elements=["owner_id", "hook_id", "key"]))


def messages(session: Session, hook: Hook, search: Search) -> CountedPage[HookMessage]:
    """What a program was or is to be told, the newest first; of a ``state`` alone: waiting, sent or given-up."""
    of_state = {
        "waiting": WAITS,
        "sent": col(HookMessage.sent_at).is_not(None),
        "given-up": col(HookMessage.given_up_at).is_not(None),
    }
    where = col(HookMessage.hook_id) == hook.id
    if search.state in of_state:
        where &= of_state[search.state]
    total = session.exec(select(func.count()).select_from(HookMessage).where(where)).one()
    rows = select(HookMessage).where(where).order_by(col(HookMessage.id).desc())
    return CountedPage(session.exec(rows.offset(search.before).limit(search.size)).all(), total, search)


@dataclass(frozen=True)
class Standing:
    """How many messages wait for a program and were given up, and when one was taken last."""

    waiting: int
    given_up: int
    last: HookMessage | None


def standing(session: Session, hook: Hook) -> Standing:
    """How it goes with a program."""
    mine = col(HookMessage.hook_id) == hook.id
    over = col(HookMessage.given_up_at).is_not(None)
    counts = select(func.count(case((WAITS, 1))), func.count(case((over, 1)))).where(mine)
    waiting, given_up = session.exec(counts).one()
    tried = select(HookMessage).where(mine, col(HookMessage.tried_at).is_not(None))
    last = session.exec(tried.order_by(col(HookMessage.tried_at).desc()).limit(1)).first()
    return Standing(waiting, given_up, last)


def again(session: Session, actor: Actor, hook_id: UUID, message_id: UUID) -> HookMessage:
    """Send a message again, as it was: its receiver knows it by the same ``webhook-id``."""
    hook = _going(session, hook_id)
    message = session.get(HookMessage, message_id, with_for_update=True)
    if message is None or message.hook_id != hook.id:
        raise NotFound("There is no such message.")
    message.sent_at = message.given_up_at = None
    message.due_at, message.attempts = now(), 0
    session.add(message)
    access.record(session, actor, "hook.again", hook.id, message=message.id)
    return message


def all_again(session: Session, actor: Actor, hook_id: UUID) -> int:
    """Send again all that was given up; return how many messages."""
    hook = _going(session, hook_id)
    lost = (col(HookMessage.hook_id) == hook.id) & col(HookMessage.given_up_at).is_not(None)
    once_more = update(HookMessage).where(lost).values(given_up_at=None, due_at=now(), attempts=0)
    count = session.execute(once_more).rowcount  # type: ignore[attr-defined]
    access.record(session, actor, "hook.again", hook.id, messages=count)
    return int(count)


def secret_of(hook: Hook) -> str:
    """What is sent to a program is signed with."""
    return keys.unseal(hook.secret, _cell(hook)).decode()


def _cell(hook: Hook) -> Cell:
    return Cell(hook.owner_id, "hook", "secret", hook.id)


def _waiting(hook: Hook) -> ColumnElement[bool]:
    return (col(HookMessage.hook_id) == hook.id) & WAITS


def _going(session: Session, hook_id: UUID) -> Hook:
    """One of them, to which something can be sent; ``HookOver`` where it said that it is gone."""
    hook = find(session, hook_id)
    if hook.stopped_at is not None:
        raise HookOver
    return hook
