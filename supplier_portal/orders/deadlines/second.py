"""A second person of the supplier's is told of an order that nobody has answered: before its deadline, or after."""

from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import Session, col, select

from hub import db
from hub.access import GRANTS, Permission
from hub.errors import N_
from hub.messages import NoticeGiven
from hub.models.notice import Notice
from hub.models.party import Membership, Organization, Place
from hub.models.trade import OrderAnswer, PurchaseOrder
from hub.notices import desk
from supplier_portal.orders import news
from supplier_portal.orders.deadlines.models import SecondPerson

_EARLIEST, _FORGOTTEN = timedelta(hours=48), timedelta(days=3)
_ANSWERING = [role for role, granted in GRANTS.items() if Permission.ANSWER_ORDERS in granted]


def tell(at: datetime) -> int:
    """Tell the second persons of what is due by now; return of how many orders. Each is told of once."""
    with db.hub_session() as session:
        unanswered = select(PurchaseOrder).where(
            col(PurchaseOrder.placed_at).is_not(None),
            col(PurchaseOrder.cancelled_at).is_(None),
            col(PurchaseOrder.closed_at).is_(None),
            col(PurchaseOrder.respond_by).between(at - _FORGOTTEN, at + _EARLIEST),
            ~select(OrderAnswer.id)
            .where(
                col(OrderAnswer.order_id) == col(PurchaseOrder.id),
                col(OrderAnswer.owner_id) == col(PurchaseOrder.supplier_id),
            )
            .exists(),
        )
        keys = {f"order.escalated/{order.id}": order for order in session.exec(unanswered)}
        told = set(session.exec(select(Notice.key).where(col(Notice.key).in_(keys))).all())
    return sum(_tell(keys[key], key, at) for key in sorted(keys.keys() - told))


def of(session: Session, supplier_id: UUID, buyer_id: UUID) -> SecondPerson:
    """Whom a supplier named for a buyer, else for all; administrators after the deadline where it named nobody."""
    rows = select(SecondPerson).where(
        col(SecondPerson.owner_id) == supplier_id,
        col(SecondPerson.ended_on).is_(None),
        col(SecondPerson.buyer_id).is_(None) | (col(SecondPerson.buyer_id) == buyer_id),
    )
    named = session.exec(rows.order_by(col(SecondPerson.buyer_id).asc().nulls_last())).first()
    return named or SecondPerson(owner_id=supplier_id)


def _tell(waiting: PurchaseOrder, key: str, at: datetime) -> bool:
    with db.session(db.Who(waiting.supplier_id)) as session:
        order = session.get(PurchaseOrder, waiting.id)
        if order is None or order.respond_by is None:
            return False
        second = of(session, order.supplier_id, order.owner_id)
        if at < order.respond_by - timedelta(hours=second.hours_before):
            return False
        late = order.respond_by <= at
        sentence = N_("Nobody has answered order %(number)s of %(who)s yet: it is due by %(by)s.")
        if late:
            sentence = N_("Nobody has answered order %(number)s of %(who)s, which was due by %(by)s.")
        buyer = session.get_one(Organization, order.owner_id)
        zone = session.get_one(Place, order.deliver_to_id).time_zone
        said = {
            "who": desk.names(buyer),
            "number": order.number,
            "by": {"at": order.respond_by.isoformat(), "zone": zone},
        }
        only = _person(session, second)
        address = news.page_of(order, buyer, supplier=True) if only and _answers(session, only) else "/notices"
        notice = NoticeGiven("order.escalated", key, sentence, said, address, only=str(only or ""))
        desk.tell(session, order.supplier_id, notice)
        return True


def _person(session: Session, second: SecondPerson) -> UUID | None:
    """Who was named, as long as they act for the supplier."""
    acts = select(Membership.id).where(
        col(Membership.owner_id) == second.owner_id,
        col(Membership.user_id) == second.user_id,
        col(Membership.ended_at).is_(None),
    )
    return second.user_id if second.user_id and session.exec(acts).first() else None


def _answers(session: Session, person: UUID) -> bool:
    roles = select(Membership.id).where(
        col(Membership.owner_id) == session.info["who"].org,
        col(Membership.user_id) == person,
        col(Membership.role).in_(_ANSWERING),
        col(Membership.ended_at).is_(None),
    )
    return session.exec(roles).first() is not None
