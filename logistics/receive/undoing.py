"""A receipt is told on only once it can be undone no more, and then once; until then its store may take it back."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from hub import access, outbox
from hub.access import Actor, Permission
from hub.errors import HubError, NotAllowed
from hub.messages import HandoverDue, Message, ReceiptFinal
from hub.models.base import now, plain
from hub.models.trade import PurchaseOrder, Shipment
from hub.settings import settings
from logistics.models import EarlierReceipt, Receipt, ReceiptLine
from logistics.receive import telling


class ToldAlready(HubError):
    """Supplier, stock and ledger know of this receipt: it can be undone no more. A claim says what was different."""

    code, status = "receipt-told-already", 409


class NothingToUndo(HubError):
    """This delivery is not received, or its receipt was undone before."""

    code, status = "nothing-to-undo", 409


def wait(session: Session, receipt: Receipt) -> None:
    """Have others told of a receipt once its time to be undone is over; at once where that is so already."""
    if receipt.final_at is None or receipt.final_at <= now():
        _tell(session, receipt)
    else:
        outbox.publish(session, ReceiptFinal(receipt_id=receipt.id), receipt.owner_id, at=receipt.final_at)


def until(at: datetime) -> datetime:
    """Until when a receipt of a moment may be undone."""
    return at + timedelta(minutes=settings().receipt_undo_minutes)


def finish(session: Session, message: Message) -> None:
    """Tell others of a receipt that was not undone; told already, nothing is told again."""
    if not isinstance(message, ReceiptFinal):
        raise TypeError(message)
    receipt = session.get(Receipt, message.receipt_id, with_for_update=True, populate_existing=True)
    if receipt is not None and not receipt.told:
        _tell(session, receipt)


def finish_now(session: Session, actor: Actor, shipment: Shipment) -> Receipt:
    """Tell others of a receipt before its time, since whoever counted is sure; again changes nothing."""
    receipt = _held(session, actor, shipment)
    if not receipt.told:
        _tell(session, receipt)
        access.record(session, actor, "shipment.tell-receipt", shipment.number)
    return receipt


def undo(session: Session, actor: Actor, shipment: Shipment, *, at: datetime) -> EarlierReceipt:
    """Take a receipt back before anybody was told of it; what it said is kept, and the delivery is counted anew."""
    receipt = _held(session, actor, shipment)
    if receipt.told:
        raise ToldAlready(number=shipment.number)
    lines = session.exec(
        select(ReceiptLine).where(col(ReceiptLine.receipt_id) == receipt.id).order_by(col(ReceiptLine.shipment_line_id))
    ).all()
    earlier = EarlierReceipt(
        owner_id=receipt.owner_id,
        created_by=actor.user_id,
        via=actor.via,
        shipment_id=receipt.shipment_id,
        receipt_id=receipt.id,
        received_at=receipt.received_at,
        undone_at=at,
        disputed=receipt.disputed,
        note=receipt.note,
        lines=[
            {
                "line": str(line.shipment_line_id),
                "quantity": plain(line.quantity),
                "concerned": plain(line.concerned),
                "reason": line.reason,
            }
            for line in lines
        ],
    )
    session.add(earlier)
    for line in lines:
        session.delete(line)
    session.flush()
    session.delete(receipt)
    session.flush()
    access.record(session, actor, "shipment.undo-receipt", shipment.number)
    return earlier


def earlier(session: Session, shipment: Shipment) -> list[EarlierReceipt]:
    """The receipts of a shipment that were undone, the last first."""
    statement = select(EarlierReceipt).where(
        col(EarlierReceipt.shipment_id) == shipment.id, col(EarlierReceipt.owner_id) == shipment.buyer_id
    )
    return list(session.exec(statement.order_by(col(EarlierReceipt.undone_at).desc(), col(EarlierReceipt.id))))


def may(session: Session, actor: Actor, shipment: Shipment) -> None:
    """Let only the store's own people at a shipment, one at a time, so that each is told what the one before said."""
    access.require(actor, Permission.RECEIVE_GOODS, shipment.buyer_id)
    if actor.place_id not in (None, shipment.deliver_to_id):
        raise NotAllowed
    session.exec(select(PurchaseOrder).where(col(PurchaseOrder.id) == shipment.order_id).with_for_update()).one()


def _held(session: Session, actor: Actor, shipment: Shipment) -> Receipt:
    """A shipment's receipt, which nobody tells or undoes meanwhile."""
    may(session, actor, shipment)
    mine = (col(Receipt.shipment_id) == shipment.id, col(Receipt.owner_id) == shipment.buyer_id)
    statement = select(Receipt).where(*mine).with_for_update().execution_options(populate_existing=True)
    receipt = session.exec(statement).one_or_none()
    if receipt is None:
        raise NothingToUndo
    return receipt


def _tell(session: Session, receipt: Receipt) -> None:
    receipt.told_at = now()
    session.add(receipt)
    session.flush()
    outbox.publish(session, telling.received(session, receipt), receipt.owner_id)
    outbox.publish(session, HandoverDue(receipt_id=receipt.id), receipt.owner_id)
