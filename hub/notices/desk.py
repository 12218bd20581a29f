"""Notices: told to an organisation in the transaction that causes them, and put before each person whose work it is."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, update
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import Session, col, select

from hub import db, outbox
from hub.access import Actor
from hub.errors import NotFound
from hub.lists import CountedPage, Search
from hub.messages import Message, NoticeGiven
from hub.models.base import now, uuid7
from hub.models.notice import Channel, Notice, NoticeChoice, NoticeDelivery, NoticeRoute
from hub.models.party import Membership, Organization
from hub.notices import carriers
from hub.notices.kinds import KINDS, Kind


def tell(session: Session, to: UUID, notice: NoticeGiven) -> None:
    """Tell an organisation, in the caller's transaction; under one key a person is told once."""
    if not _SILENT.get():
        outbox.publish(session, notice, to)


_SILENT: ContextVar[bool] = ContextVar("silent", default=False)


@contextmanager
def silently() -> Iterator[None]:
    """Tell nobody meanwhile: of the past that a sample world is given."""
    token = _SILENT.set(True)
    try:
        yield
    finally:
        _SILENT.reset(token)


def over(session: Session, *keys: str) -> None:
    """What was to be done is done, by whomever: nobody of the session's organisation need see it any more."""
    mine = (col(Notice.owner_id) == session.info["who"].org) & col(Notice.key).in_(keys)
    session.execute(update(Notice).where(mine, col(Notice.read_at).is_(None)).values(read_at=now()))


def names(thing: Organization) -> dict[str, str]:
    """What an organisation is called, for a notice to say in the reader's language."""
    return {"zh": thing.name_zh, "en": thing.name_en}


def given(session: Session, notice: Message) -> None:
    """Put a notice before everybody of the session's organisation whose work it is, and on its way to them."""
    assert isinstance(notice, NoticeGiven)
    kind = KINDS[notice.kind]
    who: db.Who = session.info["who"]
    organization = session.get_one(Organization, who.org)
    for user_id in _one(session, notice.only) if notice.only else _whose(session, kind, notice.place):
        if str(user_id) == notice.but:
            continue
        row = insert(Notice).values(
            id=uuid7(),
            owner_id=who.org,
            created_at=now(),
            via="notice",
            user_id=user_id,
            kind=notice.kind,
            key=notice.key,
            sentence=notice.sentence,
            said=notice.said,
            address=notice.address,
        )
        known = row.on_conflict_do_nothing(index_elements=["owner_id", "user_id", "key"]).returning(col(Notice.id))
        notice_id = session.scalars(known).one_or_none()
        if notice_id is not None:
            _send(session, _Told(notice_id, user_id, notice.kind), organization)


def _whose(session: Session, kind: Kind, place: str) -> Sequence[UUID]:
    """The people whose work it is; where it is of one place, those of that place and those of none."""
    people = select(Membership.user_id).where(
        col(Membership.owner_id) == session.info["who"].org,
        col(Membership.role).in_(kind.roles),
        col(Membership.ended_at).is_(None),
    )
    if place:
        people = people.where(col(Membership.place_id).is_(None) | (col(Membership.place_id) == UUID(place)))
    return session.exec(people.distinct()).all()


def _one(session: Session, person: str) -> Sequence[UUID]:
    """One person, as long as they act for the organisation, in whatever role."""
    acts = select(Membership.user_id).where(
        col(Membership.owner_id) == session.info["who"].org,
        col(Membership.user_id) == UUID(person),
        col(Membership.ended_at).is_(None),
    )
    return session.exec(acts.distinct()).all()


class _Told(NamedTuple):
    """A notice that was put before somebody, and of which kind."""

    notice_id: UUID
    user_id: UUID
    kind: str


def _send(session: Session, told: _Told, organization: Organization) -> None:
    kind = KINDS[told.kind]
    route, choice = route_of(session, told.user_id), _choice(session, told.user_id, told.kind)
    by_mail, by_chat = (choice.mail, choice.chat) if choice else (kind.mail, bool(route.chat))
    channels = [
        *([Channel.MAIL] if by_mail and carriers.mails() else []),
        *([Channel.CHAT] if by_chat and route.chat else []),
    ]
    due = now() if kind.urgent else when(route, now(), organization.zone)
    for channel in channels:
        session.add(
            NoticeDelivery(
                owner_id=organization.id,
                notice_id=told.notice_id,
                user_id=told.user_id,
                channel=channel,
                due_at=due,
                via="notice",
            )
        )
    session.flush()


def when(route: NoticeRoute, at: datetime, zone: ZoneInfo) -> datetime:
    """When what can wait goes out: at the next digest, else once the quiet hours are over, else now."""
    here = at.astimezone(zone)
    if route.digest_at is not None:
        digest = here.replace(hour=route.digest_at.hour, minute=route.digest_at.minute, second=0, microsecond=0)
        return (digest if digest > here else digest + timedelta(days=1)).astimezone(at.tzinfo)
    begins, ends = route.quiet_from, route.quiet_to
    if begins is None or ends is None or begins == ends:
        return at
    clock = here.time()
    quiet = begins <= clock < ends if begins < ends else clock >= begins or clock < ends
    if not quiet:
        return at
    over = here.replace(hour=ends.hour, minute=ends.minute, second=0, microsecond=0)
    return (over if over > here else over + timedelta(days=1)).astimezone(at.tzinfo)


def notices(session: Session, actor: Actor, search: Search) -> CountedPage[Notice]:
    """What a person was told, the newest first."""
    mine = (col(Notice.owner_id) == actor.organization_id) & (col(Notice.user_id) == actor.user_id)
    total = session.exec(select(func.count()).select_from(Notice).where(mine)).one()
    rows = select(Notice).where(mine).order_by(col(Notice.id).desc()).offset(search.before).limit(search.size)
    return CountedPage(session.exec(rows).all(), total, search)


def unread(session: Session, actor: Actor) -> int:
    """How much of it the person has not seen yet."""
    return session.exec(
        select(func.count()).where(
            col(Notice.owner_id) == actor.organization_id,
            col(Notice.user_id) == actor.user_id,
            col(Notice.read_at).is_(None),
        )
    ).one()


def find(session: Session, actor: Actor, notice_id: UUID) -> Notice:
    """A notice of the person's own."""
    row = session.get(Notice, notice_id)
    if row is None or row.user_id != actor.user_id or row.owner_id != actor.organization_id:
        raise NotFound
    return row


def read(session: Session, actor: Actor, notice_id: UUID) -> Notice:
    """A notice of the person's own, which is read now."""
    row = find(session, actor, notice_id)
    row.read_at = row.read_at or now()
    session.flush()
    return row


def read_all(session: Session, actor: Actor) -> None:
    """All that the person was told is read."""
    mine = (col(Notice.owner_id) == actor.organization_id) & (col(Notice.user_id) == actor.user_id)
    session.execute(update(Notice).where(mine, col(Notice.read_at).is_(None)).values(read_at=now()))


def given_up(session: Session, actor: Actor) -> Sequence[NoticeDelivery]:
    """What could not be brought to a person out of the hub, the newest twenty."""
    statement = select(NoticeDelivery).where(
        col(NoticeDelivery.owner_id) == actor.organization_id,
        col(NoticeDelivery.user_id) == actor.user_id,
        col(NoticeDelivery.given_up_at).is_not(None),
    )
    return session.exec(statement.order_by(col(NoticeDelivery.id).desc()).limit(20)).all()


def route_of(session: Session, user_id: UUID) -> NoticeRoute:
    """How a person is reached in the session's organisation; as for everybody where nothing was said."""
    who: db.Who = session.info["who"]
    mine = select(NoticeRoute).where(col(NoticeRoute.owner_id) == who.org, col(NoticeRoute.user_id) == user_id)
    return session.exec(mine).one_or_none() or NoticeRoute(owner_id=who.org, user_id=user_id)


def choices(session: Session, user_id: UUID) -> dict[str, NoticeChoice]:
    """What a person chose, by kind."""
    who: db.Who = session.info["who"]
    mine = select(NoticeChoice).where(col(NoticeChoice.owner_id) == who.org, col(NoticeChoice.user_id) == user_id)
    return {row.kind: row for row in session.exec(mine)}


def _choice(session: Session, user_id: UUID, kind: str) -> NoticeChoice | None:
    return choices(session, user_id).get(kind)


def choose(session: Session, actor: Actor, route: NoticeRoute, wanted: Mapping[str, tuple[bool, bool]]) -> None:
    """Keep how a person wants to be told, by kind: by mail, by chat; what is as for everybody is kept too."""
    assert actor.user_id is not None  # the page is a person's
    session.add(route)
    known = choices(session, actor.user_id)
    for kind, (by_mail, by_chat) in wanted.items():
        row = known.get(kind) or NoticeChoice(owner_id=actor.organization_id, user_id=actor.user_id, kind=kind)
        row.mail, row.chat = by_mail, by_chat
        session.add(row)
    session.flush()
