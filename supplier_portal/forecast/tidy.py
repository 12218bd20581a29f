"""Daily sales out of tidy tables, as forecasting contests publish them."""

from pathlib import Path

import numpy as np
from pyarrow import parquet

from supplier_portal.forecast.forecasting import Array


def read(file: Path) -> Array:
    """Daily series out of a tidy table; a series begins with its first sale, and a day it misses sold nothing.

    Days on which no series has a row are unknown: the shop was closed. Returns count as nothing sold.
    """
    table = parquet.read_table(file, columns=["unique_id", "ds", "y"])
    names, row = np.unique(np.array(table["unique_id"].to_pylist()), return_inverse=True)
    days = table["ds"].to_numpy().astype("datetime64[D]")
    column = (days - days.min()).astype(int)
    history = np.zeros((len(names), int(column.max()) + 1))
    history[:, np.setdiff1d(np.arange(history.shape[1]), column)] = np.nan
    history[row, column] = np.maximum(np.nan_to_num(table["y"].to_numpy().astype(float)), 0.0)
    return from_first_sale(history)


def from_first_sale(history: Array) -> Array:
    """The same, knowing nothing of the days before a series first sold."""
    begun = np.maximum.accumulate(np.nan_to_num(history) > 0, axis=1)
    return np.where(begun, history, np.nan)
