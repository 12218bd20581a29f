"""Messages on their way to programs: each tried for three days, and a program that hangs keeps no other waiting."""

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from random import random
from urllib.parse import urlsplit
from uuid import UUID

from sqlmodel import col, select

from hub import db, keys, log
from hub.errors import N_
from hub.hooks import hooks, signing
from hub.messages import NoticeGiven
from hub.models.base import now
from hub.models.hook import Hook, HookMessage
from hub.notices import desk
from hub.trace.asking import webhooks

_MINUTES = (1 / 12, 1, 5, 30, 2 * 60, 5 * 60, 10 * 60, 14 * 60, 20 * 60, 20 * 60)
PAUSES = tuple(timedelta(minutes=minutes) for minutes in _MINUTES)
"""Between one try and the next: 71 hours and 36 minutes in all. After the last a message is given up."""
AT_ONCE = 8
"""Programs that are spoken with side by side."""
_IN_A_ROW = 50
"""Messages that one program is told in a round."""
_GONE = 410
_log = log.get("hub.hooks.sending")


def send_due() -> int:
    """Send what is due; return how many messages were taken."""
    with db.hub_session() as session:
        due = (
            select(Hook.owner_id, Hook.id)
            .join(HookMessage, col(HookMessage.hook_id) == col(Hook.id))
            .where(hooks.WAITS, col(HookMessage.due_at) <= now())
            .where(col(Hook.ended_at).is_(None), col(Hook.stopped_at).is_(None))
        )
        waiting = session.exec(due.distinct()).all()
    if not waiting:
        return 0
    with ThreadPoolExecutor(min(AT_ONCE, len(waiting))) as side_by_side:
        return sum(side_by_side.map(lambda pair: _tell(*pair), waiting))


def _tell(owner: UUID, hook: UUID) -> int:
    """Tell a program what waits, the oldest first, until it does not take something."""
    taken = 0
    while taken < _IN_A_ROW and _send_one(owner, hook):
        taken += 1
    return taken


def _send_one(owner: UUID, hook_id: UUID) -> bool:
    with db.session(db.Who(owner)) as session:
        db.let_think(session)
        hook = session.get(Hook, hook_id)
        waiting = (
            select(HookMessage)
            .where(hooks.WAITS, col(HookMessage.hook_id) == hook_id, col(HookMessage.due_at) <= now())
            .order_by(col(HookMessage.due_at), col(HookMessage.id))
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        message = session.exec(waiting).one_or_none()
        if hook is None or message is None or hook.ended_at is not None or hook.stopped_at is not None:
            return False
        at = now()
        message.attempts, message.tried_at = message.attempts + 1, at
        session.add(message)
        try:
            message.answered = _post(hook, message, at)
            message.sent_at, message.problem = at, ""
            return True
        except (webhooks.NotTaken, webhooks.BadDestination, keys.Unsealable) as problem:
            message.answered, message.problem = problem.extra.get("answered"), problem.detail[:300]
        if message.answered == _GONE:
            hook.stopped_at = at
            session.add(hook)
        elif message.attempts > len(PAUSES):
            message.given_up_at = at
        else:
            message.due_at = at + PAUSES[message.attempts - 1] * (0.9 + 0.2 * random())
        if hook.stopped_at is not None or message.given_up_at is not None:
            name, key = urlsplit(hook.url).hostname or "", f"{hooks.GIVEN_UP}/{hook.id}/{at.date()}"
            sentence = N_("The program at %(name)s does not take what it is told.")
            notice = NoticeGiven(hooks.GIVEN_UP, key, sentence, {"name": name}, f"/settings/hooks/{hook.id}")
            desk.tell(session, owner, notice)
        _log.info("a program did not take it", hook=str(hook_id), attempts=message.attempts)
        return False


def _post(hook: Hook, message: HookMessage, at: datetime) -> int:
    body = message.body.encode()
    signed = signing.headers(hooks.secret_of(hook), f"msg_{message.id}", at, body)
    return webhooks.send(hook.url, body, "", {"Content-Type": "application/json", "User-Agent": "Furrow", **signed})
