"""What an item costs: its price for a buyer, else the one for everybody, else the item's own."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal
from uuid import UUID

from sqlmodel import Session, col, or_, select

from hub.models.catalogue import TradeItem
from hub.models.party import Organization
from hub.models.supply import Price


def cents(amount: Decimal) -> Decimal:
    """Money as it is paid."""
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


@dataclass(frozen=True)
class Asked:
    """What is asked for one unit, before tax; ``breaks`` from which quantity on it costs otherwise, the least first."""

    price: Decimal
    currency: str
    breaks: tuple[tuple[Decimal, Decimal], ...] = ()

    def at(self, quantity: Decimal) -> Decimal:
        """What a unit costs of so much."""
        return next((price for begins, price in reversed(self.breaks) if quantity >= begins), self.price)


def breaks_of(row: Price) -> tuple[tuple[Decimal, Decimal], ...]:
    """From which quantity on a unit costs how much."""
    return tuple(sorted((Decimal(one["from"]), Decimal(one["price"])) for one in row.breaks))


def holding(session: Session, buyer_id: UUID, items: Collection[TradeItem], at: datetime) -> dict[UUID, Asked]:
    """What a buyer pays for each of some items, by their ids, on the day that a moment is where their supplier is."""
    suppliers = select(Organization).where(col(Organization.id).in_({item.owner_id for item in items}))
    clocks = {supplier.id: supplier for supplier in session.exec(suppliers)}
    days = {item.id: clocks[item.owner_id].day(at) for item in items}
    asked = {item.id: Asked(item.price, item.currency) for item in items}
    if not days:
        return asked
    # Those for everybody come first, so that the buyer's own take their place.
    rows = select(Price).where(
        col(Price.trade_item_id).in_(days),
        or_(col(Price.buyer_id) == buyer_id, col(Price.buyer_id).is_(None)),
        col(Price.valid_from) <= max(days.values()),
        or_(col(Price.valid_to) >= min(days.values()), col(Price.valid_to).is_(None)),
    )
    for row in session.exec(rows.order_by(col(Price.buyer_id).asc().nulls_first())):
        if row.holds(days[row.trade_item_id]):
            asked[row.trade_item_id] = Asked(row.price, row.currency, breaks_of(row))
    return asked
