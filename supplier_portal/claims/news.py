"""What people are told of claims: that one was opened, is due, is overdue, was answered, insisted on, settled."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from hub import db
from hub.errors import N_
from hub.messages import NoticeGiven
from hub.models.claims import Claim, ClaimOutcome, ClaimReply, ReplyKind
from hub.models.notice import Notice
from hub.models.party import Organization, Place
from hub.notices import desk

DUE = timedelta(hours=6)
"""So long before its turn ends a side is told once more."""
_FORGOTTEN = timedelta(days=14)

_REPLIED = {
    ReplyKind.ACCEPTED: N_("%(who)s accepts claim %(number)s."),
    ReplyKind.SHARED: N_("%(who)s offers to share claim %(number)s. Take it, insist or withdraw."),
    ReplyKind.REFUSED: N_("%(who)s refuses claim %(number)s. Insist once, or withdraw."),
}


def opened(session: Session, claim: Claim) -> None:
    """The supplier is told that something of its delivery differed, and until when to answer."""
    sentence = N_("%(who)s claims a difference, %(number)s. Answer by %(by)s.")
    desk.tell(session, claim.supplier_id, _to_supplier(session, "claim.opened", sentence, claim))


def replied(session: Session, claim: Claim, reply: ClaimReply) -> None:
    """The buyer is told what its supplier says; the supplier's own people need look at it no more."""
    key = f"claim.replied/{claim.id}/{reply.round}"
    sentence = _REPLIED[reply.kind]
    desk.tell(session, claim.owner_id, _to_buyer(session, "claim.replied", key, sentence, claim))
    desk.over(session, *(f"{kind}/{claim.id}/{claim.round}" for kind in _OF_THE_SUPPLIER))


def insisted(session: Session, claim: Claim) -> None:
    """Those who answer at the supplier's are told, and a second person beside them: who administers it."""
    sentence = N_("%(who)s insists on claim %(number)s. Answer by %(by)s.")
    desk.tell(session, claim.supplier_id, _to_supplier(session, "claim.opened", sentence, claim))
    desk.tell(
        session, claim.supplier_id, _to_second(session, f"claim.escalated/{claim.id}/{claim.round}", sentence, claim)
    )
    desk.over(session, f"claim.replied/{claim.id}/1", f"claim.waiting/{claim.id}/1")


def settled(session: Session, claim: Claim) -> None:
    """The supplier is told that the buyer has closed its claim."""
    sentence = (
        N_("%(who)s takes the share you offered for claim %(number)s.")
        if claim.outcome is ClaimOutcome.SHARED
        else N_("%(who)s has withdrawn claim %(number)s.")
    )
    desk.tell(session, claim.supplier_id, _to_supplier(session, "claim.settled", sentence, claim))
    for turn in (1, 2):
        desk.over(session, f"claim.replied/{claim.id}/{turn}", f"claim.waiting/{claim.id}/{turn}")


def sent_back(session: Session, claim: Claim) -> None:
    """The supplier is told that goods come back to it."""
    sentence = N_("%(who)s sends goods of claim %(number)s back.")
    desk.tell(session, claim.supplier_id, _to_supplier(session, "claim.returned", sentence, claim))


_OF_THE_SUPPLIER = ("claim.opened", "claim.due", "claim.escalated", "claim.overdue")


def remind(at: datetime, patience: timedelta) -> int:
    """Tell each side of claims whose turn it is and that are due soon or overdue; return of how many.

    A supplier's deadline that has passed is told to the buyer, and to who administers the supplier. Each is told once.
    """
    with db.hub_session() as session:
        rows = session.exec(
            select(Claim, ClaimReply)
            .join(
                ClaimReply,
                (col(ClaimReply.claim_id) == col(Claim.id)) & (col(ClaimReply.round) == col(Claim.round)),
                isouter=True,
            )
            .where(col(Claim.closed_at).is_(None), col(Claim.due_at).between(at - _FORGOTTEN, at + patience))
        ).all()
        due = [(claim, kind) for claim, reply in rows if (kind := _due(claim, reply, at, patience))]
        keys = {f"{kind}/{claim.id}/{claim.round}": (claim, kind) for claim, kind in due}
        told = set(session.exec(select(Notice.key).where(col(Notice.key).in_(keys))).all())
    for key in keys.keys() - told:
        claim, kind = keys[key]
        with db.session(db.Who(claim.owner_id)) as session:
            for to, notice in _reminders(session, claim, kind):
                desk.tell(session, to, notice)
    return len(keys.keys() - told)


def _due(claim: Claim, reply: ClaimReply | None, at: datetime, patience: timedelta) -> str:
    """What there is to be told of an open claim now, if anything."""
    if reply is None:
        return "claim.overdue" if claim.due_at <= at else "claim.due" if claim.due_at - at <= DUE else ""
    late = reply.kind is not ReplyKind.ACCEPTED and reply.replied_at + patience - DUE <= at
    return "claim.waiting" if late else ""


def _reminders(session: Session, claim: Claim, kind: str) -> list[tuple[UUID, NoticeGiven]]:
    if kind == "claim.due":
        sentence = N_("%(who)s waits for your answer to claim %(number)s until %(by)s.")
        return [(claim.supplier_id, _to_supplier(session, kind, sentence, claim))]
    key = f"{kind}/{claim.id}/{claim.round}"
    if kind == "claim.waiting":
        sentence = N_("%(who)s waits for your word on claim %(number)s: take its offer, insist or withdraw.")
        return [(claim.owner_id, _to_buyer(session, kind, key, sentence, claim))]
    late = N_("%(who)s has not answered claim %(number)s in time.")
    up = N_("Nobody of yours has answered claim %(number)s of %(who)s in time.")
    return [
        (claim.owner_id, _to_buyer(session, kind, key, late, claim)),
        (claim.supplier_id, _to_second(session, key, up, claim)),
    ]


def _said(session: Session, claim: Claim, other: UUID) -> dict[str, object]:
    place = session.get_one(Place, claim.place_id)
    return {
        "who": desk.names(session.get_one(Organization, other)),
        "number": claim.number,
        "by": {"at": claim.due_at.isoformat(), "zone": place.time_zone},
    }


def _to_supplier(session: Session, kind: str, sentence: str, claim: Claim) -> NoticeGiven:
    key, said = f"{kind}/{claim.id}/{claim.round}", _said(session, claim, claim.owner_id)
    return NoticeGiven(kind, key, sentence, said, f"/supplier/claims/{claim.id}")


def _to_second(session: Session, key: str, sentence: str, claim: Claim) -> NoticeGiven:
    """A notice to a second person at the supplier's, who reads the claim without being able to answer it."""
    said = _said(session, claim, claim.owner_id)
    return NoticeGiven("claim.escalated", key, sentence, said, f"/claims/{claim.id}")


def _to_buyer(session: Session, kind: str, key: str, sentence: str, claim: Claim) -> NoticeGiven:
    said = _said(session, claim, claim.supplier_id)
    return NoticeGiven(kind, key, sentence, said, f"/buyer/claims/{claim.id}")
