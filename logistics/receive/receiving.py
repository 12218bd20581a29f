"""The store counts what came, line by line, once; the hand-over is written down beside the sender's record."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from sqlmodel import Session, col, select

from hub import access, outbox
from hub.access import Actor
from hub.errors import Amount, HubError, InvalidInput
from hub.messages import HandoverDue, Message
from hub.models.claims import ReceiptPhoto
from hub.models.party import Organization, Place
from hub.models.trace import Event
from hub.models.trade import PurchaseOrder, Shipment
from hub.pictures import Clean
from hub.trace import records
from logistics.models import Receipt, ReceiptLine
from logistics.receive import undoing
from logistics.receive.contents import Announced, announced, counted


class AlreadyReceived(HubError):
    """This shipment has been received already, with another count."""

    code, status = "already-received", 409


class MoreThanAnnounced(HubError):
    """No more can be received than was announced, but for a little by weight; send the rest back with the driver."""

    code, status = "more-than-announced", 409


class ReasonNeeded(HubError):
    """Say what is wrong with a line, or why it is short."""

    code, status = "reason-needed", 409


class NotSealedYet(outbox.NotYet):
    """The sender's record of this shipment is not sealed yet; the hand-over is written once it is."""

    code, status = "not-sealed-yet", 409


OVER = "too-much"
"""The reason of a complaint that more came than was announced."""
WEIGHED = frozenset({"KGM", "GRM", "TNE", "LTR", "MLT"})
"""Units that are measured, not counted (UN/ECE Recommendation 20)."""


class LineCount(BaseModel):
    """How much of a line was accepted, and why not all of it.

    ``concerned`` is how much there is a complaint about where more was accepted than is in order: warm or bruised goods
    that were kept all the same, or what came beyond the announced and goes back with the driver. The reason says which.
    """

    model_config = ConfigDict(frozen=True)

    line: UUID
    quantity: Decimal = Field(ge=0, max_digits=18, decimal_places=6)
    concerned: Decimal = Field(default=Decimal(0), ge=0, max_digits=18, decimal_places=6)
    reason: str = Field(default="", max_length=200)


class Counted(BaseModel):
    """A count of every line of a shipment: what a store's page and its system say alike."""

    lines: list[LineCount] = Field(max_length=500)
    note: str = Field(default="", max_length=400)
    disputed: bool = False


def receipt_of(session: Session, shipment: Shipment) -> Receipt | None:
    """What the buyer's store counted of a shipment, when it has."""
    statement = select(Receipt).where(
        col(Receipt.shipment_id) == shipment.id, col(Receipt.owner_id) == shipment.buyer_id
    )
    return session.exec(statement).one_or_none()


Photos = Mapping[UUID, Clean]
"""A picture by the line of the shipment that it shows."""


def receive(
    session: Session, actor: Actor, shipment: Shipment, count: Counted, *, at: datetime, photos: Photos | None = None
) -> Receipt:
    """Accept a shipment as it was counted, line by line; a short line says why.

    Nothing is more than announced, but for what is sold by weight: that may exceed it by the buyer's own tolerance.

    There is one receipt of a shipment: the same count again is the same receipt, another is refused. As long as it can
    be undone (`undoing`) nobody is told; then the supplier reads it and sees the photos, and what differs opens a claim
    (`supplier_portal.claims`).
    """
    undoing.may(session, actor, shipment)
    lines = announced(session, shipment)
    known = receipt_of(session, shipment)
    if known is not None:
        return _the_same(session, known, count)
    _check(lines, count, session.get_one(Organization, shipment.buyer_id).weight_tolerance)
    receipt = Receipt(
        owner_id=shipment.buyer_id,
        supplier_id=shipment.owner_id,
        haulier_id=shipment.haulier_id,
        shipment_id=shipment.id,
        place_id=shipment.deliver_to_id,
        received_at=at,
        final_at=undoing.until(at),
        disputed=count.disputed,
        note=count.note,
    )
    session.add(receipt)
    session.flush()
    counts = {line.line: line for line in count.lines}
    for part in lines:
        session.add(
            ReceiptLine(
                owner_id=receipt.owner_id,
                supplier_id=receipt.supplier_id,
                haulier_id=receipt.haulier_id,
                receipt_id=receipt.id,
                shipment_line_id=part.line.id,
                lot_id=part.lot.id,
                trade_item_id=part.item.id,
                announced=part.line.quantity,
                concerned=counts[part.line.id].concerned,
                quantity=counts[part.line.id].quantity,
                reason=counts[part.line.id].reason,
            )
        )
        if photos and part.line.id in photos:
            session.add(
                ReceiptPhoto(
                    owner_id=receipt.owner_id,
                    supplier_id=receipt.supplier_id,
                    shipment_line_id=part.line.id,
                    receipt_id=receipt.id,
                    content=photos[part.line.id].content,
                )
            )
    session.flush()
    undoing.wait(session, receipt)
    access.record(session, actor, "shipment.receive", shipment.number, disputed=count.disputed)
    return receipt


def record_handover(session: Session, message: Message) -> None:
    """Write the receiver's half of a hand-over, naming the sender's sealed record; again changes nothing."""
    if not isinstance(message, HandoverDue):
        raise TypeError(message)
    receipt = session.get_one(Receipt, message.receipt_id, with_for_update=True)
    shipment = session.get_one(Shipment, receipt.shipment_id)
    quantities = {line_id: line.quantity for line_id, line in counted(session, receipt).items()}
    # What was refused is said too, as 0: a hand-over without a second half would stand open for ever.
    goods = [records.Goods(row.lot, row.item, quantities[row.line.id]) for row in announced(session, shipment)]
    if receipt.event_id is not None or shipment.event_id is None:
        return
    sent = session.get(Event, shipment.event_id)
    if sent is None or sent.leaf is None:
        raise NotSealedYet
    event = records.receiving(
        session,
        goods,
        records.Handover(
            sscc=shipment.sscc,
            sender=session.get_one(Organization, shipment.owner_id),
            receiver=session.get_one(Organization, receipt.owner_id),
            ship_from=session.get_one(Place, shipment.ship_from_id),
            deliver_to=session.get_one(Place, receipt.place_id),
            order_number=session.get_one(PurchaseOrder, shipment.order_id).number,
        ),
        handover_of=sent.leaf,
        at=receipt.received_at,
    )
    receipt.event_id = event.id
    session.flush()


def _check(lines: Sequence[Announced], count: Counted, tolerance: Decimal) -> None:
    announced = {part.line.id: part for part in lines}
    if sorted(line.line for line in count.lines) != sorted(announced):
        raise InvalidInput("Count every line of the shipment, and no other.", at="lines")
    for place, line in enumerate(count.lines):
        judge(announced[line.line], line, tolerance, at=f"lines.{place}")


def judge(part: Announced, count: LineCount, tolerance: Decimal, *, at: str) -> None:
    """Refuse a count of a line that cannot be; ``at`` is what it is called where it came from."""
    whole = Amount(part.line.quantity, part.line.unit)
    over = tolerance if part.line.unit in WEIGHED else Decimal(0)
    if count.quantity > part.line.quantity * (1 + over):
        raise MoreThanAnnounced(
            "%(announced)s were announced of lot %(lot)s.",
            at=f"{at}.quantity",
            lot=part.lot.number,
            announced=whole,
            tolerance=over,
        )
    if (count.quantity < part.line.quantity or count.concerned) and not count.reason.strip():
        raise ReasonNeeded(at=f"{at}.reason", lot=part.lot.number)
    if count.concerned > part.line.quantity and count.reason != OVER:
        raise MoreThanAnnounced(
            "%(announced)s were announced of lot %(lot)s.", at=f"{at}.concerned", lot=part.lot.number, announced=whole
        )


def _the_same(session: Session, known: Receipt, count: Counted) -> Receipt:
    lines = counted(session, known)
    before = {(line_id, line.quantity, line.concerned, line.reason) for line_id, line in lines.items()}
    again = {(line.line, line.quantity, line.concerned, line.reason) for line in count.lines}
    if (before, known.note, known.disputed) != (again, count.note, count.disputed):
        raise AlreadyReceived
    return known
