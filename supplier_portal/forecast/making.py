"""Forecasts are made: of every store and item, and of every item over all stores, week by week."""

from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from sqlalchemy import delete, select, text
from sqlmodel import Session, col

from hub.inventory import bulk
from supplier_portal.forecast import forecasting, history
from supplier_portal.forecast.collaboration import monday
from supplier_portal.forecast.forecasting import Array
from supplier_portal.forecast.history import History
from supplier_portal.models import Forecast, ForecastLine, SharedForecast

WEEKS = 4
"""ISO weeks ahead."""

_RUNS_WITH_STORES = 7
_PIECES = {"H87", "EA"}


def make(session: Session, *, at: datetime, through: date | None = None, shared: bool = True) -> Forecast:
    """Forecast the coming ISO weeks of the retailer this session serves, from its sales up to ``through``.

    For every store and item, and for every item over all stores: P10, P50 and P90 of the week's sum. Suppliers
    see their own items once it is shared. Runs nightly, and whenever a buyer asks.
    """
    sold = history.read(session, at=at, through=through)
    mine = session.info["who"].org
    forecast = Forecast(
        owner_id=mine, made_at=at, through=sold.through, method=forecasting.METHOD, series=len(sold.series)
    )
    forecast.shared_at = at if shared else None
    session.add(forecast)
    session.flush()
    total = history.by_item(sold)
    stores = _weekly(sold) | {"place_id": [s.place_id for s in sold.series for _ in range(WEEKS)]}
    key = ("forecast_id", "trade_item_id", "week")
    bulk.merge(session, ForecastLine, _told(forecast, stores), key=(*key, "place_id"))
    bulk.merge(session, SharedForecast, _told(forecast, _weekly(total)), key=key)
    _compare_with_what_was_sold(session, sold.through)
    _forget_old_lines(session)
    return forecast


def _weekly(sold: History) -> dict[str, list[Any]]:
    """A row for each series and week, in columns."""
    first = monday(sold.through) + timedelta(days=7)
    ahead = (first - sold.through).days - 1
    windows = [(ahead + 7 * week, ahead + 7 * week + 7) for week in range(WEEKS)]
    sums = forecasting.forecast(sold.sold, ahead + 7 * WEEKS, windows=windows, stocked=sold.stocked).sums
    whole = np.array([s.unit in _PIECES for s in sold.series])[None, :, None]
    low, middle, high = _rounded(sums, whole)
    each = [(series, week) for series in sold.series for week in range(WEEKS)]
    return {
        "trade_item_id": [series.trade_item_id for series, _ in each],
        "supplier_id": [series.supplier_id for series, _ in each],
        "week": [first + timedelta(days=7 * week) for _, week in each],
        "p10": low,
        "p50": middle,
        "p90": high,
    }


def _rounded(sums: Array, whole: Any) -> list[list[str]]:
    """Whole pieces; of what is weighed one decimal, and none from a hundred on: nobody can know more."""
    figures = np.where(whole | (sums >= 100), np.round(sums), np.round(sums, 1))
    return [[f"{value:.1f}" for value in row] for row in figures.reshape(len(sums), -1)]


def _told(forecast: Forecast, columns: dict[str, list[Any]]) -> dict[str, list[Any]]:
    return columns | {"forecast_id": [forecast.id] * len(columns["week"])}


def _compare_with_what_was_sold(session: Session, through: date) -> None:
    session.execute(
        text(
            """with sold as (select trade_item_id, cast(date_trunc('week', day) as date) as week,
                   sum(quantity) as quantity
                 from sales_day where owner_id = :mine and day > :through - 70 group by 1, 2)
               update shared_forecast told set actual = coalesce((select quantity from sold
                 where sold.trade_item_id = told.trade_item_id and sold.week = told.week), 0)
               where owner_id = :mine and actual is null and week > :through - 63 and week + 6 <= :through"""
        ),
        {"mine": session.info["who"].org, "through": through},
    )


def _forget_old_lines(session: Session) -> None:
    """Stores' lines serve ordering and go with the next runs; what suppliers were told stays."""
    mine = session.info["who"].org
    kept = (
        select(col(Forecast.id))
        .where(col(Forecast.owner_id) == mine)
        .order_by(col(Forecast.made_at).desc())
        .limit(_RUNS_WITH_STORES)
    )
    session.execute(
        delete(ForecastLine).where(col(ForecastLine.owner_id) == mine, col(ForecastLine.forecast_id).not_in(kept))
    )
