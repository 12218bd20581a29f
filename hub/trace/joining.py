"""How an organisation becomes a member of the ledger: it asks, the keeper enrols it, and it is told.

Members' keys lie with the keeper alone, so whoever admits an organisation (the first-run assistant, a partner's
invitation) only asks, in its transaction; the number is there some seconds later. What the organisation does with it
is done in a session of its own, since it hears of it like of any other message.
"""

from sqlmodel import Session, col, select

from hub import db, outbox
from hub.ledger.log import journal, members
from hub.messages import MemberEnrolled, Message
from hub.models.access import AuditEntry
from hub.models.base import now
from hub.models.party import Enrolment, Organization
from hub.trace import master_data


def ask(session: Session, own_address: str | None = None) -> Enrolment:
    """The session's organisation asks to become a member; ``own_address`` is that of a key which it keeps itself.

    Who has asked, or is a member, gets no second number.
    """
    who: db.Who = session.info["who"]
    asked = session.exec(select(Enrolment).where(col(Enrolment.owner_id) == who.org)).one_or_none()
    if asked is None:
        asked = Enrolment(owner_id=who.org, address=own_address)
        session.add(asked)
        session.flush()
        journal.wake_keeper(session)
    return asked


def enrol(session: Session) -> int:
    """Enrol who waits, in the order in which they asked; return how many. ``session`` is the keeper's."""
    waiting = select(Enrolment).where(col(Enrolment.done_at).is_(None)).order_by(col(Enrolment.created_at))
    rows = session.exec(waiting.with_for_update(skip_locked=True)).all()
    for row in rows:
        organization = session.get_one(Organization, row.owner_id)
        if organization.member is None:
            members.enrol(session, organization, row.address)
        row.done_at = now()
        session.add(row)
        outbox.publish(session, MemberEnrolled(organization.id), to=organization.id)
    return len(rows)


def begin_as_member(session: Session, message: Message) -> None:
    """An organisation hears that it is a member: what it has said of itself so far is recorded now, and signed."""
    assert isinstance(message, MemberEnrolled)
    organization = session.get_one(Organization, message.organization_id)
    session.add(AuditEntry(owner_id=organization.id, action="member.enrolled", subject=str(organization.member)))
    master_data.state_all(session)
