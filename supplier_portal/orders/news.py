"""What people are told of orders: that one waits, is due, is overdue, was answered."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote
from uuid import UUID

from sqlalchemy.orm import aliased
from sqlmodel import Session, col, select

from hub import db
from hub.errors import N_, HubError
from hub.messages import NoticeGiven
from hub.models.notice import Notice
from hub.models.party import Organization, Place
from hub.models.trade import OrderAnswer, OrderTurn, PurchaseOrder
from hub.notices import desk
from hub.web.i18n import language

DUE = timedelta(hours=2)
"""So long before an answer is due its supplier is told once more."""
_FORGOTTEN = timedelta(days=3)


def waiting(session: Session, order: PurchaseOrder, place: Place) -> None:
    """Whoever answers the supplier's orders is told that one waits, and until when."""
    sentence = N_("%(who)s ordered %(number)s for %(day)s. Answer by %(by)s.")
    desk.tell(session, order.supplier_id, _to_supplier(session, "order.waiting", sentence, order, place))


def to_approve(session: Session, order: PurchaseOrder, asker: str) -> None:
    """Those who may approve are told that orders wait for it: of what one asks at once, once."""
    sentence = N_("%(who)s asks for orders to be approved. See what waits.")
    said, by = {"who": asker}, str(order.asked_by or "")
    address = "/buyer/orders?state=to-approve"
    notice = NoticeGiven("order.to-approve", asked_as(order), sentence, said, address, but=by)
    desk.tell(session, order.owner_id, notice)


def approval_over(session: Session, order: PurchaseOrder, asked: str) -> None:
    """What was asked under a key is settled: nobody need look at it any more, unless more of it waits."""
    waiting = select(PurchaseOrder).where(
        col(PurchaseOrder.owner_id) == order.owner_id,
        col(PurchaseOrder.placed_at).is_(None),
        col(PurchaseOrder.cancelled_at).is_(None),
        col(PurchaseOrder.asked_at).is_not(None),
    )
    if asked not in {asked_as(row) for row in session.exec(waiting)}:
        desk.over(session, asked)


def asked_as(order: PurchaseOrder) -> str:
    """The key of what somebody asked at one moment."""
    at = order.asked_at.astimezone(UTC).isoformat() if order.asked_at else ""
    return f"order.to-approve/{order.asked_by or ''}/{at}"


def returned(session: Session, order: PurchaseOrder, by: str, at: datetime) -> None:
    """The buyer's people are told that an order was not approved, and why."""
    key = f"order.returned/{order.id}/{at.isoformat()}"
    said = {"who": by, "number": order.number, "reason": order.returned}
    sentence = N_("%(who)s did not approve order %(number)s: %(reason)s")
    notice = NoticeGiven("order.returned", key, sentence, said, f"/buyer/orders/{quote(order.number)}")
    desk.tell(session, order.owner_id, notice)


def answered(session: Session, order: PurchaseOrder, at: datetime) -> None:
    """The buyer is told that its order was answered as it stands."""
    supplier = session.get_one(Organization, order.supplier_id)
    said = {"who": desk.names(supplier), "number": order.number}
    key = f"order.answered/{order.id}/{at.isoformat()}"
    address = f"/buyer/orders/{quote(order.number)}"
    sentence = N_("%(who)s answered order %(number)s.")
    desk.tell(session, order.owner_id, NoticeGiven("order.answered", key, sentence, said, address))


def withdrawn(session: Session, order: PurchaseOrder) -> None:
    """The supplier is told that its buyer wants a placed order no longer."""
    buyer = session.get_one(Organization, order.owner_id)
    said = {"who": desk.names(buyer), "number": order.number}
    sentence = N_("%(who)s wants order %(number)s no longer.")
    address = page_of(order, buyer, supplier=True)
    notice = NoticeGiven("order.withdrawn", f"order.withdrawn/{order.id}", sentence, said, address)
    desk.tell(session, order.supplier_id, notice)


def moved(session: Session, order: PurchaseOrder, numbers: Sequence[str]) -> None:
    """The buyer is told of what was ordered elsewhere by itself."""
    said = {"number": order.number, "others": " ".join(numbers)} | _of_supplier(session, order)
    sentence = N_("%(who)s did not answer order %(number)s in time. Ordered instead: %(others)s.")
    address = page_of(order, session.get_one(Organization, order.owner_id), supplier=False)
    desk.tell(session, order.owner_id, NoticeGiven("order.moved", f"order.moved/{order.id}", sentence, said, address))


def stays(session: Session, order: PurchaseOrder, refusal: HubError) -> None:
    """The buyer is told, once, that what is overdue could not be ordered elsewhere, and why."""
    why = {code: language(code).sentence(refusal.sentence, refusal.values) for code in ("zh", "en")}
    said = {"number": order.number, "why": why}
    sentence = N_("Order %(number)s could not be placed elsewhere by itself: %(why)s")
    address = page_of(order, session.get_one(Organization, order.owner_id), supplier=False)
    desk.tell(session, order.owner_id, NoticeGiven("order.stays", f"order.stays/{order.id}", sentence, said, address))


def _of_supplier(session: Session, order: PurchaseOrder) -> dict[str, Any]:
    return {"who": desk.names(session.get_one(Organization, order.supplier_id))}


def no_more_waiting(session: Session, order: PurchaseOrder) -> None:
    """The supplier's own people need look no more at an order that was answered."""
    desk.over(session, *(f"order.{kind}/{order.id}" for kind in ("waiting", "due", "escalated")))


def turned(session: Session, order: PurchaseOrder, turn: OrderTurn) -> None:
    """The other side is told of a turn, and until when what is open should be answered."""
    buyer, supplier = (session.get_one(Organization, party) for party in (order.owner_id, order.supplier_id))
    by_buyer = turn.owner_id == order.owner_id
    said = {"who": desk.names(buyer if by_buyer else supplier), "number": order.number}
    sentence = N_("%(who)s said something to order %(number)s.")
    if turn.pending:
        zone = session.get_one(Place, order.deliver_to_id).time_zone
        said["by"] = {"at": turn.reply_by.isoformat() if turn.reply_by else "", "zone": zone}
        sentence = N_("%(who)s wants something of order %(number)s otherwise. Answer by %(by)s.")
    address = page_of(order, buyer, supplier=by_buyer)
    kind = "order.countered" if by_buyer else "order.turned"
    notice = NoticeGiven(kind, f"{kind}/{order.id}/{turn.number}", sentence, said, address)
    desk.tell(session, order.supplier_id if by_buyer else order.owner_id, notice)
    desk.over(session, f"{'order.turned' if by_buyer else 'order.countered'}/{order.id}/{turn.number - 1}")


def page_of(order: PurchaseOrder, buyer: Organization, *, supplier: bool) -> str:
    """Where one of its sides reads an order."""
    number = quote(order.number)
    return f"/supplier/orders/{number}?buyer={buyer.gln}" if supplier else f"/buyer/orders/{number}"


def remind(at: datetime) -> int:
    """Tell whoever must answer of what is due soon, and the other side of what is overdue; return of how many orders.

    Each is told once: what was told stands among the notices under its key.
    """
    return _remind_of_answers(at) + _remind_of_turns(at)


def _remind_of_turns(at: datetime) -> int:
    """The same of what both sides still talk about."""
    with db.hub_session() as session:
        later = aliased(OrderTurn)
        waiting = session.exec(
            select(OrderTurn, PurchaseOrder)
            .join(PurchaseOrder, col(PurchaseOrder.id) == col(OrderTurn.order_id))
            .where(
                col(OrderTurn.pending),
                col(OrderTurn.reply_by).between(at - _FORGOTTEN, at + DUE),
                col(OrderTurn.owner_id).in_([col(PurchaseOrder.owner_id), col(PurchaseOrder.supplier_id)]),
                col(PurchaseOrder.cancelled_at).is_(None),
                col(PurchaseOrder.closed_at).is_(None),
                ~select(later.id)
                .where(col(later.order_id) == col(OrderTurn.order_id), col(later.number) > col(OrderTurn.number))
                .exists(),
            )
        ).all()
        keys = {_turn_key(turn, at): (turn, order) for turn, order in waiting}
        told = set(session.exec(select(Notice.key).where(col(Notice.key).in_(keys))).all())
    for key in keys.keys() - told:
        turn, order = keys[key]
        with db.session(db.Who(order.owner_id)) as session:
            desk.tell(session, *_turn_reminder(session, turn, order, key, late=_turn_is_late(turn, at)))
    return len(keys.keys() - told)


def _turn_is_late(turn: OrderTurn, at: datetime) -> bool:
    return turn.reply_by is not None and turn.reply_by <= at


def _turn_key(turn: OrderTurn, at: datetime) -> str:
    return f"order.reply-{'overdue' if _turn_is_late(turn, at) else 'due'}/{turn.id}"


def _turn_reminder(
    session: Session, turn: OrderTurn, order: PurchaseOrder, key: str, *, late: bool
) -> tuple[UUID, NoticeGiven]:
    """Whom is told of a turn that is due, or overdue, and what: its reader until then, and then its writer."""
    buyer, supplier = (session.get_one(Organization, party) for party in (order.owner_id, order.supplier_id))
    by_buyer = turn.owner_id == buyer.id
    to_supplier = by_buyer is not late
    other = buyer if to_supplier else supplier
    said: dict[str, Any] = {"who": desk.names(other), "number": order.number}
    sentence = N_("%(who)s has not answered what you want of order %(number)s in time.")
    if not late:
        zone = session.get_one(Place, order.deliver_to_id).time_zone
        said["by"] = {"at": turn.reply_by.isoformat() if turn.reply_by else "", "zone": zone}
        sentence = N_("%(who)s waits for your answer to order %(number)s until %(by)s.")
    kind = "order.counter-waits" if to_supplier else "order.reply-waits"
    notice = NoticeGiven(kind, key, sentence, said, page_of(order, buyer, supplier=to_supplier))
    return (supplier if to_supplier else buyer).id, notice


def _remind_of_answers(at: datetime) -> int:
    with db.hub_session() as session:
        unanswered = select(PurchaseOrder).where(
            col(PurchaseOrder.placed_at).is_not(None),
            col(PurchaseOrder.cancelled_at).is_(None),
            col(PurchaseOrder.closed_at).is_(None),
            col(PurchaseOrder.respond_by).between(at - _FORGOTTEN, at + DUE),
            ~select(OrderAnswer.id).where(col(OrderAnswer.order_id) == col(PurchaseOrder.id)).exists(),
        )
        keys = {_key(order, at): order for order in session.exec(unanswered)}
        told = set(session.exec(select(Notice.key).where(col(Notice.key).in_(keys))).all())
    for key in keys.keys() - told:
        order = keys[key]
        with db.session(db.Who(order.owner_id)) as session:
            to, notice = _late(session, order, key) if _is_late(order, at) else _due(session, order)
            desk.tell(session, to, notice)
    return len(keys.keys() - told)


def _is_late(order: PurchaseOrder, at: datetime) -> bool:
    return order.respond_by is not None and order.respond_by <= at


def _key(order: PurchaseOrder, at: datetime) -> str:
    return f"order.{'overdue' if _is_late(order, at) else 'due'}/{order.id}"


def _due(session: Session, order: PurchaseOrder) -> tuple[UUID, NoticeGiven]:
    sentence = N_("%(who)s waits for your answer to order %(number)s until %(by)s.")
    place = session.get_one(Place, order.deliver_to_id)
    return order.supplier_id, _to_supplier(session, "order.due", sentence, order, place)


def _late(session: Session, order: PurchaseOrder, key: str) -> tuple[UUID, NoticeGiven]:
    said = {"who": desk.names(session.get_one(Organization, order.supplier_id)), "number": order.number}
    sentence = N_("%(who)s has not answered order %(number)s in time.")
    return order.owner_id, NoticeGiven("order.overdue", key, sentence, said, f"/buyer/orders/{quote(order.number)}")


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
