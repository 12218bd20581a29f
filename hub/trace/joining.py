"""How an organisation becomes a member of the ledger: it asks, the keeper enrols it, and it is told.

Members' keys lie with the keeper alone, so whoever admits an organisation (the first-run assistant, a partner's
invitation) only asks, in its transaction; the number is there some seconds later. What the organisation does with it
is done in a session of its own, since it hears of it like of any other message.
"""

import re
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from hub import access, db, log, outbox
from hub.access import Actor, Permission
from hub.errors import HubError
from hub.ledger.log import journal, members
from hub.messages import MemberEnrolled, Message
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.party import Enrolment, KeyHolder, Organization, SigningKey
from hub.models.trace import Event, Submission
from hub.trace import master_data

_log = log.get("hub.trace")


class NotAnAddress(HubError):
    """An address is 0x and 40 hex digits, as furrow new-key prints it."""

    code, status, at = "not-an-address", 409, "address"


class SameKey(HubError):
    """This is the key you have already."""

    code, status, at = "same-key", 409, "address"


class NotYetAMember(HubError):
    """Your organisation has not asked to become a member of the ledger."""

    code, status, at = "not-yet-a-member", 409, "address"


@dataclass(frozen=True)
class Name:
    """An organisation as the ledger knows it: its key, or what it asked for; how much waits for its own signature."""

    organization: Organization
    key: SigningKey | None
    asked: Enrolment | None
    unsigned: int
    newest: Submission | None


def name(session: Session) -> Name:
    """The session's organisation as the ledger knows it."""
    own = session.info["who"].org
    key = members.key_of(session, own)
    asked = session.exec(select(Enrolment).where(col(Enrolment.owner_id) == own)).one_or_none()
    organization, unsigned, newest = session.get_one(Organization, own), 0, None
    if key is not None and key.held_by is KeyHolder.MEMBER:
        waiting = select(func.count()).where(col(Event.owner_id) == own, col(Event.commitment).is_(None))
        unsigned = session.exec(waiting).one()
        mine = select(Submission).where(col(Submission.owner_id) == own, col(Submission.signer) == key.address)
        newest = session.exec(mine.order_by(col(Submission.id).desc()).limit(1)).first()
    return Name(organization, key, asked, unsigned, newest)


def _address(text: str) -> str:
    if not re.fullmatch(r"0x[0-9a-fA-F]{40}", text):
        raise NotAnAddress
    return text


def change_address(session: Session, actor: Actor, address: str) -> None:
    """Sign by a key of one's own, or by another one, from the moment on that the keeper has taken it up."""
    access.require(actor, Permission.ADMINISTER)
    access.require_recent(actor)
    known = name(session)
    row = known.asked or Enrolment(owner_id=actor.organization_id)
    if known.asked is None and known.organization.member is None:
        raise NotYetAMember
    if known.key is not None and known.key.address.lower() == _address(address).lower():
        raise SameKey
    row.address, row.done_at = _address(address), None
    session.add(row)
    access.record(session, actor, "member.address", row.address)
    session.flush()
    journal.wake_keeper(session)


def ask(session: Session, own_address: str | None = None) -> Enrolment:
    """The session's organisation asks to become a member; ``own_address`` is that of a key which it keeps itself.

    Who has asked, or is a member, gets no second number.
    """
    who: db.Who = session.info["who"]
    asked = session.exec(select(Enrolment).where(col(Enrolment.owner_id) == who.org)).one_or_none()
    if asked is None:
        asked = Enrolment(owner_id=who.org, address=_address(own_address) if own_address else None)
        session.add(asked)
        session.flush()
        journal.wake_keeper(session)
    return asked


def enrol(session: Session) -> int:
    """Enrol who waits, and change the keys of members who ask for that; return of how many.

    It goes in the order in which they asked. Whoever asks with an address that is a member's already goes on waiting,
    until it gives one of its own. ``session`` is the keeper's.
    """
    waiting = select(Enrolment).where(col(Enrolment.done_at).is_(None)).order_by(col(Enrolment.created_at))
    rows = session.exec(waiting.with_for_update(skip_locked=True)).all()
    enrolled = 0
    for row in rows:
        if _is_anothers(session, row):
            _log.warning("an address is a member's already", organization=str(row.owner_id))
            continue
        organization = session.get_one(Organization, row.owner_id)
        if organization.member is None:
            members.enrol(session, organization, row.address)
            outbox.publish(session, MemberEnrolled(organization.id), to=organization.id)
        elif row.address is not None and not members.change_key(session, organization, row.address):
            continue
        enrolled += 1
        row.done_at = now()
        session.add(row)
    return enrolled


def _is_anothers(session: Session, asked: Enrolment) -> bool:
    if asked.address is None:
        return False
    known = select(SigningKey.id).where(func.lower(SigningKey.address) == asked.address.lower())
    return session.exec(known).first() is not None


def begin_as_member(session: Session, message: Message) -> None:
    """An organisation hears that it is a member: what it has said of itself so far is recorded now, and signed."""
    assert isinstance(message, MemberEnrolled)
    organization = session.get_one(Organization, message.organization_id)
    session.add(AuditEntry(owner_id=organization.id, action="member.enrolled", subject=str(organization.member)))
    master_data.state_all(session)
