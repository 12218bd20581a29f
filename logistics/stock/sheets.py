"""Which items a count sheet lists: all, a category, a class by what is sold, or those whose figures are odd."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func
from sqlmodel import Session, col, or_, select

from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment, Drift, SalesDay, StockLevel
from logistics.stock.models import Listing

SOLD_SINCE = timedelta(days=28)
"""So many days of sales say how much an item matters."""

CLASSES = {"A": Decimal("0.80"), "B": Decimal("0.95"), "C": Decimal(1)}
"""Up to which share of all that is sold, the best-selling first, an item is of a class."""

Listed = Sequence[tuple[StockLevel, TradeItem]]


def items(session: Session, place: UUID, listing: Listing, part: str, *, today: date) -> Listed:
    """The stock of a store that a sheet lists, by category and number: the way one walks."""
    statement = (
        select(StockLevel, TradeItem)
        .join(TradeItem, col(TradeItem.id) == col(StockLevel.trade_item_id))
        .where(col(StockLevel.owner_id) == session.info["who"].org, col(StockLevel.place_id) == place)
        .order_by(col(TradeItem.category), col(TradeItem.gtin))
    )
    if listing is Listing.CATEGORY:
        statement = statement.where(col(TradeItem.category) == part)
    if listing is Listing.ODD:
        differs = select(Drift).where(
            col(Drift.owner_id) == col(StockLevel.owner_id),
            col(Drift.place_id) == place,
            col(Drift.trade_item_id) == col(StockLevel.trade_item_id),
            col(Drift.settled_at).is_(None),
        )
        statement = statement.where(or_(col(StockLevel.on_hand) < 0, differs.exists()))
    rows = [(level, item) for level, item in session.exec(statement)]
    if listing is not Listing.ABC:
        return rows
    of_class = classes(sold(session, place, {item.id: item for _, item in rows}, since=today - SOLD_SINCE))
    return [(level, item) for level, item in rows if of_class[item.id] == part]


def categories(session: Session, place: UUID) -> list[str]:
    """What kinds of items a store has."""
    statement = (
        select(TradeItem.category)
        .join(StockLevel, col(StockLevel.trade_item_id) == col(TradeItem.id))
        .where(col(StockLevel.owner_id) == session.info["who"].org, col(StockLevel.place_id) == place)
    )
    return sorted(set(session.exec(statement)))


def currency(session: Session) -> str:
    """What the chain's items are priced in: most of them, where it is several."""
    statement = (
        select(TradeItem.currency)
        .join(Assortment, col(Assortment.trade_item_id) == col(TradeItem.id))
        .where(col(Assortment.owner_id) == session.info["who"].org)
        .group_by(col(TradeItem.currency))
        .order_by(func.count().desc())
    )
    return session.exec(statement.limit(1)).first() or "CNY"


def sold(session: Session, place: UUID, items: Mapping[UUID, TradeItem], *, since: date) -> dict[UUID, Decimal]:
    """What a store sold of each item since a day, valued at the item's own price."""
    rows = session.exec(
        select(SalesDay.trade_item_id, func.sum(SalesDay.quantity))
        .where(
            col(SalesDay.owner_id) == session.info["who"].org,
            col(SalesDay.place_id) == place,
            col(SalesDay.day) >= since,
        )
        .group_by(col(SalesDay.trade_item_id))
    )
    worth = dict.fromkeys(items, Decimal(0))
    worth.update({item: amount * items[item].price for item, amount in rows if item in items})
    return worth


def classes(worth: Mapping[UUID, Decimal]) -> dict[UUID, str]:
    """Class A are the items that make up four fifths of the sales, B those up to 95 %, C the rest. Pure."""
    whole, before, found = sum(worth.values(), Decimal(0)), Decimal(0), {}
    for item in sorted(worth, key=lambda item: (-worth[item], item)):
        share = before / whole if whole else Decimal(1)
        found[item] = next((name for name, end in CLASSES.items() if share < end), "C") if worth[item] else "C"
        before += worth[item]
    return found
