"""The term by which late cancelling is reckoned: the supplier states it, and it holds once its buyer agrees."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import N_, HubError, InvalidInput, NotFound
from hub.messages import NoticeGiven
from hub.models.base import plain
from hub.models.party import Organization, OrganizationKind
from hub.notices import desk
from supplier_portal.orders.cancelling.models import CancelTerm, CancelTermReply

ADDRESS = "cancellation-terms"


class TermAnswered(HubError):
    """This was answered, or another was stated meanwhile. Look at how it stands now."""

    code, status = "term-answered", 409


@dataclass(frozen=True)
class Between:
    """What holds between two, and what waits or was refused since: the last that was stated, and what was said to it.

    ``agreed`` is the last to which the buyer said yes.
    """

    other_id: UUID
    agreed: CancelTerm | None
    last: CancelTerm | None
    reply: CancelTermReply | None


def state(
    session: Session, actor: Actor, buyer: Organization, asked: tuple[int, Decimal], *, at: datetime
) -> CancelTerm:
    """Ask a buyer for a term: hours and share; the same as the last is the last."""
    access.require(actor, Permission.ANSWER_ORDERS)
    if buyer.kind is not OrganizationKind.RETAILER:
        raise NotFound("You have no such buyer.")
    db.in_turn(session, f"cancel-term/{actor.organization_id}/{buyer.id}")
    hours, share = asked
    last = _last(session, actor.organization_id, buyer.id)
    if last is not None and (last.free_hours, last.share) == asked:
        reply = reply_to(session, last)
        if reply is None or reply.agrees:
            return last
    term = CancelTerm(
        owner_id=actor.organization_id,
        buyer_id=buyer.id,
        version=last.version + 1 if last else 1,
        free_hours=hours,
        share=share,
        stated_at=at,
    )
    session.add(term)
    session.flush()
    access.record(session, actor, "cancel-term.state", buyer.gln, hours=hours, share=plain(share))
    said = {"who": desk.names(session.get_one(Organization, actor.organization_id))}
    sentence = N_("%(who)s asks for another term for late cancelling. Agree, or say why not.")
    key = f"cancel-term.stated/{term.id}"
    desk.tell(session, buyer.id, NoticeGiven("cancel-term.stated", key, sentence, said, f"/buyer/{ADDRESS}"))
    return term


def reply(
    session: Session, actor: Actor, term: CancelTerm, *, agrees: bool, words: str = "", at: datetime
) -> CancelTermReply:
    """Agree to a term, or say why not; the same again is the same."""
    access.require(actor, Permission.PLACE_ORDERS, term.buyer_id)
    db.in_turn(session, f"cancel-term/{term.owner_id}/{term.buyer_id}")
    known = reply_to(session, term)
    if known is not None and known.agrees is agrees:
        return known
    last = _last(session, term.owner_id, term.buyer_id)
    if known is not None or last is None or last.id != term.id:
        raise TermAnswered
    if not agrees and not words.strip():
        raise InvalidInput("Say why not: your supplier reads it.", at="words")
    given = CancelTermReply(
        owner_id=term.buyer_id,
        supplier_id=term.owner_id,
        term_id=term.id,
        agrees=agrees,
        words=words.strip(),
        replied_at=at,
    )
    session.add(given)
    session.flush()
    access.record(session, actor, "cancel-term.reply", term.id, agrees=agrees)
    said = {"who": desk.names(session.get_one(Organization, term.buyer_id))}
    sentence = N_("%(who)s agrees to your term for late cancelling.")
    if not agrees:
        sentence = N_("%(who)s does not agree to your term for late cancelling.")
    key = f"cancel-term.answered/{term.id}"
    desk.tell(session, term.owner_id, NoticeGiven("cancel-term.answered", key, sentence, said, f"/supplier/{ADDRESS}"))
    desk.over(session, f"cancel-term.stated/{term.id}")
    return given


def find(session: Session, actor: Actor, term_id: UUID) -> CancelTerm:
    """A term that a buyer was asked for."""
    term = session.get(CancelTerm, term_id)
    if term is None or actor.organization_id not in (term.owner_id, term.buyer_id):
        raise NotFound("There is no such term, or it is not yours to see.")
    return term


def agreed(session: Session, supplier_id: UUID, buyer_id: UUID, *, by: datetime) -> CancelTerm | None:
    """What both had agreed on by a moment."""
    rows = (
        select(CancelTerm)
        .join(CancelTermReply, col(CancelTermReply.term_id) == col(CancelTerm.id))
        .where(
            col(CancelTerm.owner_id) == supplier_id,
            col(CancelTerm.buyer_id) == buyer_id,
            col(CancelTermReply.owner_id) == buyer_id,
            col(CancelTermReply.agrees),
            col(CancelTermReply.replied_at) <= by,
        )
        .order_by(col(CancelTerm.version).desc())
        .limit(1)
    )
    return session.exec(rows).one_or_none()


def between(session: Session, actor: Actor, others: list[Organization], *, at: datetime) -> list[Between]:
    """How it stands with each partner."""
    rows = []
    for other in others:
        supplier, buyer = actor.organization_id, other.id
        if actor.kind is OrganizationKind.RETAILER:
            supplier, buyer = buyer, supplier
        last = _last(session, supplier, buyer)
        said = reply_to(session, last) if last else None
        rows.append(Between(other.id, agreed(session, supplier, buyer, by=at), last, said))
    return rows


def reply_to(session: Session, term: CancelTerm) -> CancelTermReply | None:
    """What its buyer said to a term."""
    rows = select(CancelTermReply).where(
        col(CancelTermReply.term_id) == term.id, col(CancelTermReply.owner_id) == term.buyer_id
    )
    return session.exec(rows).one_or_none()


def _last(session: Session, supplier_id: UUID, buyer_id: UUID) -> CancelTerm | None:
    rows = select(CancelTerm).where(col(CancelTerm.owner_id) == supplier_id, col(CancelTerm.buyer_id) == buyer_id)
    return session.exec(rows.order_by(col(CancelTerm.version).desc()).limit(1)).one_or_none()
