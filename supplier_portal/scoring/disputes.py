"""Lines behind figures that a supplier disputes, and what the buyer says to that."""

from collections.abc import Collection
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import N_, HubError, InvalidInput, NotFound
from hub.messages import NoticeGiven
from hub.models.party import Organization
from hub.notices import desk
from supplier_portal.scoring import lines
from supplier_portal.scoring.lines import Span
from supplier_portal.scoring.models import Measure, ScoreDispute, ScoreRuling


class DisputedAlready(HubError):
    """This line is disputed already."""

    code, status, at = "disputed-already", 409, "reason"


class RuledAlready(HubError):
    """This dispute was answered."""

    code, status = "ruled-already", 409


def dispute(
    session: Session, actor: Actor, span: Span, said: tuple[Measure, UUID, str], *, at: datetime
) -> ScoreDispute:
    """Say of a line behind a figure that it does not count, and why; the same again is the same."""
    access.require(actor, Permission.ANSWER_ORDERS, span.supplier.id)
    measure, subject, reason = said
    reason = reason.strip()
    if not reason:
        raise InvalidInput("Say why: your buyer reads it.", at="reason")
    db.in_turn(session, f"score-dispute/{span.supplier.id}/{span.buyer.id}")
    line = next((line for line in lines.of(session, span, measure) if line.subject_id == subject), None)
    if line is None or line.good:
        raise NotFound("There is no such line that counts against you.")
    known = session.exec(
        select(ScoreDispute).where(
            col(ScoreDispute.owner_id) == span.supplier.id,
            col(ScoreDispute.buyer_id) == span.buyer.id,
            col(ScoreDispute.measure) == measure,
            col(ScoreDispute.subject_id) == subject,
        )
    ).one_or_none()
    if known is not None:
        if known.reason == reason:
            return known
        raise DisputedAlready
    row = ScoreDispute(
        owner_id=span.supplier.id,
        buyer_id=span.buyer.id,
        measure=measure,
        subject_id=subject,
        about=line.number,
        reason=reason,
        disputed_at=at,
    )
    session.add(row)
    session.flush()
    access.record(session, actor, "score.dispute", line.number or subject, measure=measure.value)
    said_ = {"who": desk.names(span.supplier), "reason": reason}
    sentence = N_("%(who)s disputes a line of its scorecard: %(reason)s")
    address = f"/buyer/suppliers/{span.supplier.gln}/scorecard?{urlencode({'measure': measure.value})}"
    notice = NoticeGiven("score.disputed", f"score.disputed/{row.id}", sentence, said_, address)
    desk.tell(session, span.buyer.id, notice)
    return row


def rule(
    session: Session, actor: Actor, disputed: ScoreDispute, *, accepted: bool, words: str = "", at: datetime
) -> ScoreRuling:
    """Leave a line out of its figure, or say why it counts; the same again is the same."""
    access.require(actor, Permission.PLACE_ORDERS, disputed.buyer_id)
    db.in_turn(session, f"score-dispute/{disputed.owner_id}/{disputed.buyer_id}")
    known = ruling_of(session, disputed)
    if known is not None:
        if known.accepted is accepted:
            return known
        raise RuledAlready
    if not accepted and not words.strip():
        raise InvalidInput("Say why it counts: your supplier reads it.", at="words")
    row = ScoreRuling(
        owner_id=disputed.buyer_id,
        supplier_id=disputed.owner_id,
        dispute_id=disputed.id,
        accepted=accepted,
        words=words.strip(),
        ruled_at=at,
    )
    session.add(row)
    session.flush()
    access.record(session, actor, "score.rule", disputed.about or disputed.id, accepted=accepted)
    buyer = session.get_one(Organization, disputed.buyer_id)
    sentence = N_("%(who)s leaves the line out that you disputed.")
    if not accepted:
        sentence = N_("%(who)s says why a line of your scorecard counts.")
    address = f"/supplier/scorecard?{urlencode({'buyer': buyer.gln, 'measure': disputed.measure.value})}"
    notice = NoticeGiven("score.ruled", f"score.ruled/{row.id}", sentence, {"who": desk.names(buyer)}, address)
    desk.tell(session, disputed.owner_id, notice)
    desk.over(session, f"score.disputed/{disputed.id}")
    return row


def find(session: Session, actor: Actor, dispute_id: UUID) -> ScoreDispute:
    """A dispute of the actor's organisation, on either side."""
    row = session.get(ScoreDispute, dispute_id)
    if row is None or actor.organization_id not in (row.owner_id, row.buyer_id):
        raise NotFound("There is no such dispute.")
    return row


def ruling_of(session: Session, disputed: ScoreDispute) -> ScoreRuling | None:
    """What the buyer said to a dispute."""
    rows = select(ScoreRuling).where(
        col(ScoreRuling.dispute_id) == disputed.id, col(ScoreRuling.owner_id) == disputed.buyer_id
    )
    return session.exec(rows).one_or_none()


Disputes = dict[tuple[Measure, UUID], tuple[ScoreDispute, ScoreRuling | None]]


def between(session: Session, span: Span) -> Disputes:
    """All that is disputed between two, by measure and line, with what was said to it."""
    rows = session.exec(
        select(ScoreDispute, ScoreRuling)
        .join(
            ScoreRuling,
            (col(ScoreRuling.dispute_id) == col(ScoreDispute.id))
            & (col(ScoreRuling.owner_id) == col(ScoreDispute.buyer_id)),
            isouter=True,
        )
        .where(col(ScoreDispute.owner_id) == span.supplier.id, col(ScoreDispute.buyer_id) == span.buyer.id)
    )
    return {(row.measure, row.subject_id): (row, ruling) for row, ruling in rows}


def left_out(disputes: Disputes, measure: Measure) -> Collection[UUID]:
    """The lines of a figure that the buyer agreed to leave out."""
    return {subject for (of, subject), (_, ruling) in disputes.items() if of is measure and ruling and ruling.accepted}
