"""The round that writes what standing orders want: each day's order exactly once, however often it runs."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access, db
from hub.access import Actor, Permission
from hub.errors import N_, HubError
from hub.messages import NoticeGiven
from hub.models.party import Organization, OrganizationKind, Place
from hub.models.trade import PurchaseOrder, StandingOrder
from hub.notices import desk
from hub.web.i18n import language
from supplier_portal.orders import orders
from supplier_portal.orders.buying import approval
from supplier_portal.orders.standing import standing


def write_all(at: datetime) -> int:
    """Write what is due of every standing order, each in a transaction of its own; return how many orders."""
    with db.hub_session() as session:
        running = (col(StandingOrder.ended_at).is_(None)) & ~col(StandingOrder.paused)
        rows = session.exec(
            select(StandingOrder.owner_id, StandingOrder.id).where(running).order_by(col(StandingOrder.id))
        ).all()
    return sum(write(owner, standing_id, at) for owner, standing_id in rows)


def write(owner: UUID, standing_id: UUID, at: datetime) -> int:
    """Write what is due of one; return how many orders.

    Whatever was written for a day, also what was called off since, is not written again.
    """
    with db.session(db.Who(owner, via="standing")) as session:
        row = session.get_one(StandingOrder, standing_id)
        standing.lock(session, row)
        if row.paused or row.ended_at is not None:
            return 0
        today = session.get_one(Place, row.deliver_to_id).day(at)
        days = standing.pattern_of(row).due(today + timedelta(days=1), today + timedelta(days=row.days_ahead))
        known = standing.written_days(session, row)
        written = [_written(session, row, day, at) for day in days if day not in known]
        drafts = [order for order in written if order and order.placed_at is None and order.asked_at is None]
        if drafts:
            _tell_drafts(session, row, drafts)
        return sum(order is not None for order in written)


def _written(session: Session, row: StandingOrder, day: date, at: datetime) -> PurchaseOrder | None:
    """The order for a day, placed if it shall be and can; None, and told, where not even a draft can be written."""
    try:
        with session.begin_nested():
            order = orders.draft(session, standing.draft_of(row, day), at=at)
            order.drafted, order.standing_id, order.standing_day = True, row.id, day
            session.add(order)
            session.flush()
    except HubError as refusal:
        _tell_stuck(session, row, day, refusal)
        return None
    if row.places:
        actor = _in_whose_name(session, row)
        try:
            with session.begin_nested():
                orders.place(session, actor, order, at=at)
        except HubError as refusal:
            access.record(session, actor, "standing.stuck", order.number, why=refusal.code)
        session.refresh(order)
    return order


def _in_whose_name(session: Session, row: StandingOrder) -> Actor:
    """Whoever said last how it is: so that they do not approve it themselves."""
    name = approval.person(session, row.kept_by)
    allowed = frozenset({Permission.PLACE_ORDERS})
    return Actor(row.owner_id, OrganizationKind.RETAILER, allowed, row.kept_by, name=name, via="standing")


def _tell_drafts(session: Session, row: StandingOrder, drafts: Sequence[PurchaseOrder]) -> None:
    sentence = N_("A standing order wrote %(count)s drafts for %(who)s. They wait to be placed.")
    said = {"count": str(len(drafts)), "who": desk.names(session.get_one(Organization, row.supplier_id))}
    key = f"standing.drafts/{drafts[0].id}"
    notice = NoticeGiven("standing.drafts", key, sentence, said, "/buyer/orders?state=drafts")
    desk.tell(session, row.owner_id, notice)


def _tell_stuck(session: Session, row: StandingOrder, day: date, refusal: HubError) -> None:
    """Told once for each day; it is tried again until the day has come."""
    sentence = N_("The standing order of %(who)s for %(day)s could not be written: %(why)s")
    who = desk.names(session.get_one(Organization, row.supplier_id))
    why = {code: language(code).sentence(refusal.sentence, refusal.values) for code in ("zh", "en")}
    said = {"who": who, "day": {"day": day.isoformat()}, "why": why}
    notice = NoticeGiven(
        "standing.stuck", f"standing.stuck/{row.id}/{day}", sentence, said, f"/buyer/orders/standing/{row.id}"
    )
    desk.tell(session, row.owner_id, notice)
