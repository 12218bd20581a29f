"""How long a supplier may think about a buyer's order: its own time, else the buyer's for all, else the hub's."""

from datetime import timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from hub.models.party import Organization
from hub.settings import settings
from supplier_portal.orders.deadlines.models import AnswerTime


def of(session: Session, buyer_id: UUID, supplier_id: UUID) -> AnswerTime | None:
    """What a buyer says of one supplier's time, as long as it holds."""
    rows = select(AnswerTime).where(
        col(AnswerTime.owner_id) == buyer_id,
        col(AnswerTime.supplier_id) == supplier_id,
        col(AnswerTime.ended_on).is_(None),
    )
    return session.exec(rows).one_or_none()


def patience(session: Session, buyer_id: UUID, supplier_id: UUID) -> timedelta:
    """How long it may think."""
    own = of(session, buyer_id, supplier_id)
    if own is not None:
        return timedelta(hours=own.hours)
    return timedelta(hours=session.get_one(Organization, buyer_id).answer_hours or settings().answer_hours)
