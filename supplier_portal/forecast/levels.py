"""The levels a store orders by, learned from its sales."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select
from sqlmodel import Session, col

from hub import supply
from hub.inventory import bulk
from hub.models.inventory import Assortment, StockLevel
from supplier_portal.forecast import forecasting, history
from supplier_portal.forecast.forecasting import Array
from supplier_portal.forecast.replenishment import lead_days, policies
from supplier_portal.models import SupplyPolicy


@dataclass(frozen=True)
class Levels:
    """Below ``reorder`` an order is due, and ``target`` is what it fills up to; ``safety`` of both is a reserve."""

    reorder: Array
    target: Array
    safety: Array

    def with_safety(self, wanted: Array) -> "Levels":
        """The same with the reserve that somebody wants in place of the one worked out; NaN where nobody does."""
        more = np.where(np.isnan(wanted), 0.0, wanted - self.safety)
        return Levels(self.reorder + more, self.target + more, self.safety + more)


def levels(
    sold: Array, *, lead_days: int, review_days: int, service: float, stocked: NDArray[np.bool_] | None = None
) -> Levels:
    """Reorder point and order-up-to level of each series.

    What must last until the next order arrives is the demand of lead time and review together. The level that
    holds with probability ``service`` is that sum's own quantile; what of it lies above the mean is the safety
    stock, which also stands below the reorder point.
    """
    protection = lead_days + review_days
    forecasts = forecasting.forecast(sold, protection, windows=[(0, protection)], quantiles=[service], stocked=stocked)
    target = forecasts.sums[0, :, 0]
    safety = np.maximum(target - forecasts.mean.sum(axis=1), 0.0)
    return Levels(forecasts.mean[:, :lead_days].sum(axis=1) + safety, target, safety)


def _safety(carried: Assortment | None) -> float:
    """What a store keeps of an item in reserve; NaN where the assortment does not say."""
    return np.nan if carried is None or carried.safety is None else float(carried.safety)


def set_levels(session: Session, *, at: datetime, through: date | None = None) -> int:
    """Learn from sales when each store must order each item, in whole units; return how many levels changed.

    What the assortment says of an item, its safety level and days between orders, goes before what is worked out.
    """
    sold = history.read(session, at=at, through=through)
    known = policies(session)
    mine = session.info["who"].org
    terms = supply.terms(session, {series.supplier_id for series in sold.series}, mine)
    carried = {
        row.trade_item_id: row for row in session.scalars(select(Assortment).where(col(Assortment.owner_id) == mine))
    }
    wanted = np.array([_safety(carried.get(series.trade_item_id)) for series in sold.series])
    groups: dict[tuple[int, int, float], list[int]] = defaultdict(list)
    for row, series in enumerate(sold.series):
        policy = known.get(series.supplier_id) or SupplyPolicy(owner_id=mine, supplier_id=series.supplier_id)
        lead = lead_days(policy, terms.get(series.supplier_id))
        of_item = carried.get(series.trade_item_id)
        review = (of_item.review_days if of_item else None) or policy.review_days
        groups[lead, review, policy.service].append(row)
    columns: dict[str, list[Any]] = {"place_id": [], "trade_item_id": [], "safety": [], "target": []}
    for (lead, review, service), rows in groups.items():
        limits = levels(
            sold.sold[rows], lead_days=lead, review_days=review, service=service, stocked=sold.stocked[rows]
        ).with_safety(wanted[rows])
        columns["place_id"] += [sold.series[row].place_id for row in rows]
        columns["trade_item_id"] += [sold.series[row].trade_item_id for row in rows]
        columns["safety"] += [f"{value:.0f}" for value in np.ceil(limits.reorder)]
        columns["target"] += [f"{value:.0f}" for value in np.ceil(limits.target)]
    # A store that has never reported stock of an item has none of it, as far as anybody knows.
    once = {"on_hand": 0, "as_of": at}
    return bulk.merge(session, StockLevel, columns, key=("place_id", "trade_item_id"), once=once)
