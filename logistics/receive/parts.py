"""A delivery that comes in parts over the day: each part is counted as it comes, and the last makes the receipt."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from sqlmodel import Session, col, select

from hub import access
from hub.access import Actor
from hub.errors import InvalidInput, NotFound
from hub.models.base import plain
from hub.models.party import Organization
from hub.models.trade import Shipment
from logistics.models import ReceiptPart
from logistics.receive import contents, receiving, undoing
from logistics.receive.receiving import AlreadyReceived, LineCount


def keep(
    session: Session, actor: Actor, shipment: Shipment, counts: Sequence[LineCount], *, at: datetime
) -> ReceiptPart:
    """Keep what came of a shipment so far; what is still to come is no difference yet, and nobody is told."""
    undoing.may(session, actor, shipment)
    if receiving.receipt_of(session, shipment) is not None:
        raise AlreadyReceived
    before = so_far(session, shipment)
    tolerance = session.get_one(Organization, shipment.buyer_id).weight_tolerance
    lines = {part.line.id: part for part in contents.announced(session, shipment)}
    if {count.line for count in counts} - lines.keys():
        raise InvalidInput("Count the lines of the shipment, and no other.", at="lines")
    for place, count in enumerate(counts):
        whole = together(before.get(count.line), count)
        waiting = whole.model_copy(update={"reason": whole.reason or "to come"})
        receiving.judge(lines[count.line], waiting, tolerance, at=f"lines.{place}")
    if not any(count.quantity or count.concerned for count in counts):
        raise InvalidInput("Enter what came: of at least one line more than nothing.", at="lines.0.answer")
    part = ReceiptPart(
        owner_id=shipment.buyer_id,
        created_by=actor.user_id,
        via=actor.via,
        shipment_id=shipment.id,
        counted_at=at,
        lines=[
            {
                "line": str(count.line),
                "quantity": plain(count.quantity),
                "concerned": plain(count.concerned),
                "reason": count.reason,
            }
            for count in counts
        ],
    )
    session.add(part)
    session.flush()
    access.record(session, actor, "shipment.receive-part", shipment.number)
    return part


def take_back(session: Session, actor: Actor, shipment: Shipment, part_id: UUID) -> None:
    """Forget a part that was counted wrongly, as long as the delivery is not received; taken back twice, it is gone."""
    undoing.may(session, actor, shipment)
    if receiving.receipt_of(session, shipment) is not None:
        raise AlreadyReceived
    part = session.get(ReceiptPart, part_id)
    if part is None or part.shipment_id != shipment.id:
        raise NotFound
    session.delete(part)
    session.flush()
    access.record(session, actor, "shipment.take-part-back", shipment.number)


def of(session: Session, shipment: Shipment) -> list[ReceiptPart]:
    """The parts that were counted of a shipment, the first first."""
    mine = (col(ReceiptPart.shipment_id) == shipment.id, col(ReceiptPart.owner_id) == shipment.buyer_id)
    return list(session.exec(select(ReceiptPart).where(*mine).order_by(col(ReceiptPart.id))))


def so_far(session: Session, shipment: Shipment) -> dict[UUID, LineCount]:
    """What all parts of a shipment come to, line by line."""
    return summed(of(session, shipment))


def summed(parts: Sequence[ReceiptPart]) -> dict[UUID, LineCount]:
    """What some parts come to, line by line."""
    whole: dict[UUID, LineCount] = {}
    for part in parts:
        for line in part.lines:
            count = LineCount.model_validate(line)
            whole[count.line] = together(whole.get(count.line), count)
    return whole


def together(before: LineCount | None, count: LineCount) -> LineCount:
    """Two counts of a line as one; the later reason stands, if it has one."""
    if before is None:
        return count
    return LineCount(
        line=count.line,
        quantity=before.quantity + count.quantity,
        concerned=before.concerned + count.concerned,
        reason=count.reason or before.reason,
    )


def rest(whole: Decimal, before: LineCount | None) -> Decimal:
    """What is still to come of a line."""
    return max(whole - before.quantity, Decimal(0)) if before else whole
