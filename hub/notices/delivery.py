"""Deliveries: what is due to a person by one way goes out as one letter, is tried again, and given up visibly."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from hub import db, keys, log
from hub.errors import HubError
from hub.models.base import now
from hub.models.notice import Channel, Notice, NoticeDelivery, NoticeRoute
from hub.models.party import User
from hub.notices import carriers
from hub.notices.carriers import Letter

MOST_ATTEMPTS = 24
_LONGEST_PAUSE = timedelta(minutes=10)
_AT_ONCE = 50
_log = log.get("hub.notices")
Compose = Callable[[Sequence[Notice], User, str, Mapping[UUID, str]], Letter]
"""How a letter to a person is written, of one notice or of several, with the links of those that bring one."""
Links = Mapping[str, Callable[[Session, Notice], str | None]]
"""Who makes the link that a notice of a kind brings by mail, where it still has something to act on."""


def cell(route: NoticeRoute) -> keys.Cell:
    """Where the address of a person's chat robot lies sealed."""
    return keys.Cell(route.owner_id, "notice_route", "chat", route.id)


def send_due(compose: Compose, links: Links, most: int = 200) -> int:
    """Send what is due, a letter for each person and channel; return how many letters went out."""
    sent = 0
    for _ in range(most):
        went = _send_one(compose, links)
        if went is None:
            break
        sent += went
    return sent


def _send_one(compose: Compose, links: Links) -> int | None:
    """Send the next letter: 1 when it went out, 0 when it did not, None when nothing is due."""
    with db.hub_session() as session:
        db.let_think(session)
        waiting = (
            col(NoticeDelivery.sent_at).is_(None),
            col(NoticeDelivery.given_up_at).is_(None),
            col(NoticeDelivery.due_at) <= now(),
        )
        due = select(NoticeDelivery).where(*waiting).order_by(col(NoticeDelivery.due_at))
        first = session.exec(due.limit(1).with_for_update(skip_locked=True)).one_or_none()
        if first is None:
            return None
        alike = (
            col(NoticeDelivery.owner_id) == first.owner_id,
            col(NoticeDelivery.user_id) == first.user_id,
            col(NoticeDelivery.channel) == first.channel,
        )
        rows = session.exec(due.where(*alike).limit(_AT_ONCE).with_for_update(skip_locked=True)).all()
        try:
            _carry(session, rows, compose, links)
        except HubError as problem:
            _later(rows, problem.detail)
            return 0
        for row in rows:
            row.sent_at, row.error = now(), ""
        return 1


def _carry(session: Session, rows: Sequence[NoticeDelivery], compose: Compose, links: Links) -> None:
    notices = session.exec(
        select(Notice).where(col(Notice.id).in_([row.notice_id for row in rows])).order_by(col(Notice.id))
    ).all()
    person = session.get_one(User, rows[0].user_id)
    mark = f"notice-{rows[0].id}"
    if rows[0].channel is Channel.MAIL:
        brought = {notice.id: links[notice.kind](session, notice) for notice in notices if notice.kind in links}
        given = {notice_id: link for notice_id, link in brought.items() if link}
        carriers.mail(person.email, compose(notices, person, mark, given))
        return
    letter = compose(notices, person, mark, {})  # a chat is read by many: no link that acts for one of them
    route = session.exec(
        select(NoticeRoute).where(
            col(NoticeRoute.owner_id) == rows[0].owner_id, col(NoticeRoute.user_id) == rows[0].user_id
        )
    ).one_or_none()
    if route is None or not route.chat:
        raise carriers.NotCarried(why="no robot's address is kept any more")
    carriers.chat(keys.unseal(route.chat, cell(route)).decode(), letter)


def _later(rows: Sequence[NoticeDelivery], why: str) -> None:
    """Try again after a pause that doubles; after the last try it is given up, and the person's page says so."""
    for row in rows:
        row.attempts += 1
        row.error = why[:300]
        row.due_at = now() + min(timedelta(seconds=10 * 2 ** min(row.attempts, 10)), _LONGEST_PAUSE)
        if row.attempts >= MOST_ATTEMPTS:
            row.given_up_at = now()
    _log.warning("a letter was not taken", channel=rows[0].channel, attempts=rows[0].attempts, told=why[:200])
