"""What people are told of orders: that one waits, is due, is overdue, was answered."""

from datetime import datetime, timedelta
from urllib.parse import quote

from sqlmodel import Session, col, select

from hub import db
from hub.errors import N_
from hub.messages import NoticeGiven
from hub.models.notice import Notice
from hub.models.party import Organization, Place
from hub.models.trade import OrderAnswer, PurchaseOrder
from hub.notices import desk

DUE = timedelta(hours=2)
"""So long before an answer is due its supplier is told once more."""
_FORGOTTEN = timedelta(days=3)


def waiting(session: Session, order: PurchaseOrder, place: Place) -> None:
    """Whoever answers the supplier's orders is told that one waits, and until when."""
    sentence = N_("%(who)s ordered %(number)s for %(day)s. Answer by %(by)s.")
    desk.tell(session, order.supplier_id, _to_supplier(session, "order.waiting", sentence, order, place))


def answered(session: Session, order: PurchaseOrder, at: datetime) -> None:
    """The buyer is told that its order was answered; the supplier's own people need look at it no more."""
    supplier = session.get_one(Organization, order.supplier_id)
    said = {"who": desk.names(supplier), "number": order.number}
    key = f"order.answered/{order.id}/{at.isoformat()}"
    address = f"/buyer/orders/{quote(order.number)}"
    sentence = N_("%(who)s answered order %(number)s.")
    desk.tell(session, order.owner_id, NoticeGiven("order.answered", key, sentence, said, address))
    desk.over(session, f"order.waiting/{order.id}", f"order.due/{order.id}")


def remind(at: datetime) -> int:
    """Tell suppliers of answers that are due soon, and buyers of those that are overdue; return of how many orders.

    Each is told once: what was told stands among the notices under its key.
    """
    with db.hub_session() as session:
        unanswered = select(PurchaseOrder).where(
            col(PurchaseOrder.placed_at).is_not(None),
            col(PurchaseOrder.cancelled_at).is_(None),
            col(PurchaseOrder.closed_at).is_(None),
            col(PurchaseOrder.respond_by).between(at - _FORGOTTEN, at + DUE),
            ~select(OrderAnswer.id).where(col(OrderAnswer.order_id) == col(PurchaseOrder.id)).exists(),
        )
        orders = session.exec(unanswered).all()
        due = [order for order in orders if order.respond_by and order.respond_by > at]
        late = [order for order in orders if order.respond_by and order.respond_by <= at]
        keys = [f"order.due/{order.id}" for order in due] + [f"order.overdue/{order.id}" for order in late]
        told = set(session.exec(select(Notice.key).where(col(Notice.key).in_(keys))).all())
    count = 0
    for order in due:
        if f"order.due/{order.id}" not in told:
            with db.session(db.Who(order.owner_id)) as session:
                place = session.get_one(Place, order.deliver_to_id)
                sentence = N_("%(who)s waits for your answer to order %(number)s until %(by)s.")
                desk.tell(session, order.supplier_id, _to_supplier(session, "order.due", sentence, order, place))
            count += 1
    for order in late:
        if f"order.overdue/{order.id}" not in told:
            with db.session(db.Who(order.owner_id)) as session:
                said = {"who": desk.names(session.get_one(Organization, order.supplier_id)), "number": order.number}
                sentence = N_("%(who)s has not answered order %(number)s in time.")
                key, address = f"order.overdue/{order.id}", f"/buyer/orders/{quote(order.number)}"
                desk.tell(session, order.owner_id, NoticeGiven("order.overdue", key, sentence, said, address))
            count += 1
    return count


def _to_supplier(session: Session, kind: str, sentence: str, order: PurchaseOrder, place: Place) -> NoticeGiven:
    """A notice about an order that waits for its supplier, written by its buyer."""
    buyer = session.get_one(Organization, order.owner_id)
    said = {
        "who": desk.names(buyer),
        "number": order.number,
        "day": {"day": order.deliver_on.isoformat()},
        "by": {"at": order.respond_by.isoformat() if order.respond_by else "", "zone": place.time_zone},
    }
    address = f"/supplier/orders/{quote(order.number)}?buyer={buyer.gln}"
    return NoticeGiven(kind, f"{kind}/{order.id}", sentence, said, address)
