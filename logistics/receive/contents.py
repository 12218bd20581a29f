"""The lines of a shipment as its sender announced them, and as they were counted."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, select

from hub.models.catalogue import Lot, TradeItem
from hub.models.inventory import Assortment
from hub.models.trade import OrderLine, Shipment, ShipmentLine
from logistics.models import Receipt, ReceiptLine


@dataclass(frozen=True)
class Announced:
    """A line of a shipment with its lot and item, and how many days the lot is to have left on receipt.

    What was agreed with the order counts; of orders that said nothing, what the buyer asks now.
    """

    line: ShipmentLine
    lot: Lot
    item: TradeItem
    least_days_left: int | None = None

    def days_left(self, day: date) -> int | None:
        """How many days a lot that is received on a day has left, where that is less than its buyer asks for."""
        return self.lot.days_short(day, self.least_days_left)


def announced(session: Session, shipment: Shipment) -> list[Announced]:
    """What a shipment's sender says is in it."""
    statement = (
        select(ShipmentLine, Lot, TradeItem, func.coalesce(OrderLine.least_days_left, Assortment.least_days_left))
        .join(Lot, col(Lot.id) == col(ShipmentLine.lot_id))
        .join(TradeItem, col(TradeItem.id) == col(ShipmentLine.trade_item_id))
        .join(OrderLine, col(OrderLine.id) == col(ShipmentLine.order_line_id), isouter=True)
        .join(
            Assortment,
            (col(Assortment.trade_item_id) == col(ShipmentLine.trade_item_id))
            & (col(Assortment.owner_id) == shipment.buyer_id),
            isouter=True,
        )
        .where(col(ShipmentLine.shipment_id) == shipment.id)
        .order_by(col(ShipmentLine.id))
    )
    return [Announced(*row) for row in session.exec(statement).all()]


def counted(session: Session, receipt: Receipt) -> dict[UUID, ReceiptLine]:
    """The lines of a receipt by the lines of its shipment."""
    statement = select(ReceiptLine).where(col(ReceiptLine.receipt_id) == receipt.id)
    return {line.shipment_line_id: line for line in session.exec(statement)}
