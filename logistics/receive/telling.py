"""What others hear of a receipt."""

from sqlmodel import Session

from hub.messages import GoodsReceived, ReceivedLine
from hub.models.base import plain
from hub.models.trade import Shipment
from logistics.drive import tracking
from logistics.models import Receipt, ReceiptLine
from logistics.receive.contents import Announced, announced, counted

_READINGS = 500
"""So many temperatures of a way are told on: two of each minute of a morning."""


def received(session: Session, receipt: Receipt) -> GoodsReceived:
    """A receipt as its own house, the order, the claims and the core hear of it."""
    shipment = session.get_one(Shipment, receipt.shipment_id)
    counts = counted(session, receipt)
    return GoodsReceived(
        receipt_id=receipt.id,
        shipment_id=shipment.id,
        supplier_id=shipment.owner_id,
        place_id=receipt.place_id,
        reference=shipment.number,
        received_at=receipt.received_at.isoformat(),
        lines=[_line(row, counts[row.line.id]) for row in announced(session, shipment)],
        readings=[
            {"at": reading.read_at.isoformat(), "celsius": plain(reading.celsius)}
            for reading in tracking.readings(session, shipment.id)[-_READINGS:]
        ],
        note=receipt.note,
    )


def _line(row: Announced, count: ReceiptLine) -> ReceivedLine:
    return ReceivedLine(
        shipment_line_id=str(row.line.id),
        trade_item_id=str(row.item.id),
        lot=row.lot.number,
        best_before=row.lot.best_before.isoformat() if row.lot.best_before else "",
        quantity=plain(count.quantity),
        unit=row.line.unit,
        announced=plain(row.line.quantity),
        concerned=plain(count.concerned),
        reason=count.reason,
    )
