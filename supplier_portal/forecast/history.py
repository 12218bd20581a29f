"""A retailer's sales as forecasts need them: one row of days for every store and item."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select, text
from sqlmodel import Session, col

from hub.models.catalogue import TradeItem
from hub.models.inventory import Assortment
from hub.models.party import Place, PlaceKind
from supplier_portal.forecast.days import NotEnoughSales, last_day
from supplier_portal.forecast.forecasting import SHORTEST, Array

DAYS = 371
"""How far back a forecast looks: 53 weeks."""


@dataclass(frozen=True)
class Series:
    """Whose row it is: a store's sales of an item (no place: all stores'), and who supplies it in which unit."""

    place_id: UUID | None
    trade_item_id: UUID
    supplier_id: UUID
    unit: str


@dataclass(frozen=True)
class History:
    """Daily sales up to ``through``, and whose each row is.

    A day before the first sale is unknown (NaN), and so are the last days of a store that has not told of them yet.
    ``stocked`` says of each row whether there is stock now.
    """

    through: date
    series: list[Series]
    sold: Array
    stocked: NDArray[np.bool_]


def read(session: Session, *, at: datetime, through: date | None = None) -> History:
    """The sales of every store and item of the retailer, up to its last whole business day."""
    mine = session.info["who"].org
    through = through or last_day(session, at=at)
    first = through - timedelta(days=DAYS - 1)
    items = _assortment(session)
    stores = session.scalars(
        select(Place).where(col(Place.owner_id) == mine, col(Place.kind) == PlaceKind.STORE).order_by(col(Place.gln))
    )
    series: list[Series] = []
    rows: list[Array] = []
    stocked: list[bool] = []
    for store in stores.all():
        asked = {"owner": mine, "place": store.id, "first": first, "through": through}
        sold = session.execute(_SOLD, asked).all()
        on_hand = set(session.scalars(_ON_HAND, asked))
        first_unknown = _told(max((days[-1] for _item, days, _amounts in sold), default=0))
        for item, days, amounts in sold:
            if item in items:
                row = np.zeros(DAYS)
                row[days] = amounts
                row[: days[0]] = np.nan
                row[first_unknown:] = np.nan
                rows.append(np.maximum(row, 0.0))
                series.append(Series(store.id, item, *items[item]))
                stocked.append(item in on_hand)
    if not rows or np.isnan(np.array(rows)[:, -SHORTEST]).all():
        raise NotEnoughSales
    return History(through, series, np.array(rows), np.array(stocked))


_LATEST = 28
"""Days after which a store that tells nothing counts as closed, not as late."""


def _told(newest: int) -> int:
    """The first day of which a store has not told yet, by the newest of which it has."""
    return newest + 1 if DAYS - 1 - newest <= _LATEST else DAYS


# One store at a time keeps each statement short, and no row of the year becomes a Python object.
_SOLD = text(
    "select trade_item_id, array_agg(day - cast(:first as date) order by day),"
    " array_agg(cast(quantity as float8) order by day) from sales_day"
    " where owner_id = :owner and place_id = :place and day between :first and :through group by trade_item_id"
    " order by trade_item_id"
)


_ON_HAND = text("select trade_item_id from stock_level where owner_id = :owner and place_id = :place and on_hand > 0")


def _assortment(session: Session) -> dict[UUID, tuple[UUID, str]]:
    carried = session.execute(
        select(col(Assortment.trade_item_id), col(Assortment.supplier_id), col(TradeItem.unit))
        .join(TradeItem, col(TradeItem.id) == col(Assortment.trade_item_id))
        .where(col(Assortment.owner_id) == session.info["who"].org)
    )
    return {item: (supplier, unit) for item, supplier, unit in carried}


def by_item(history: History) -> History:
    """The same over all stores: one row an item. A day of which some store has not told yet is unknown for all."""
    items = sorted({(s.trade_item_id, s.supplier_id, s.unit) for s in history.series})
    row_of = {item: number for number, (item, _supplier, _unit) in enumerate(items)}
    total = np.full((len(items), history.sold.shape[1]), np.nan)
    late = np.zeros(total.shape, dtype=bool)
    stocked = np.zeros(len(items), dtype=bool)
    for series, sold, there in zip(history.series, history.sold, history.stocked, strict=True):
        row = row_of[series.trade_item_id]
        total[row] = np.where(np.isnan(sold), total[row], np.nan_to_num(total[row]) + sold)
        late[row] |= np.isnan(sold) & (np.cumsum(~np.isnan(sold)) > 0)
        stocked[row] |= there
    total[late] = np.nan
    return History(history.through, [Series(None, *item) for item in items], total, stocked)
