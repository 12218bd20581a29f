"""Demand forecasts for thousands of daily series at once: a point, and its quantiles out of its own past errors.

Pure: arrays in, arrays out. A series is a row, a day a column, the last column the newest; NaN says that nothing
is known of a day. The quantile of a sum over several days is learned from the errors of such sums, because
adding up daily quantiles orders far too much.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Point = Callable[[Array, int], Array]
"""From history (series × days) and a horizon to the expected demand of each day ahead."""

QUANTILES = (0.1, 0.5, 0.9)
METHOD = "weekday-level"
SHORTEST = 14
"""Days of history below which there is nothing to learn from."""

_ORIGINS = 26
_PROFILE_WEEKS, _LEVEL_WEEKS, _DECAY = 16, 6, 0.7


class HistoryTooShort(ValueError):
    """Two weeks of sales are the least a forecast can be made from."""


@dataclass(frozen=True)
class Forecasts:
    """What is expected: each day's mean and quantiles, and the quantiles of the sum over each window of days."""

    mean: Array
    """series × days"""
    daily: Array
    """quantiles × series × days"""
    sums: Array
    """quantiles × series × windows"""


def forecast(
    history: Array,
    horizon: int,
    *,
    windows: Sequence[tuple[int, int]] = (),
    quantiles: Sequence[float] = QUANTILES,
    point: Point | None = None,
    stocked: NDArray[np.bool_] | None = None,
) -> Forecasts:
    """Forecast ``horizon`` days; ``windows`` are pairs of first day and the day after the last, from 0.

    ``stocked`` says of each series whether there is stock now: then days without a sale are days without demand.
    Where there is none, or nobody knows, a run of them that nothing before explains is unknown (`sold_out`).
    """
    if history.shape[1] < SHORTEST:
        raise HistoryTooShort(f"{history.shape[1]} days")
    history = sold_out(history, stocked)
    point = point or weekday_level
    mean, errors = point(history, horizon), _errors(history, horizon, point)
    daily = np.empty((len(quantiles), *mean.shape))
    for day in range(min(7, horizon)):
        # Errors of the same weekday, whichever week ahead: four times as many to learn from.
        pooled = errors[:, :, day::7].transpose(0, 2, 1).reshape(-1, len(mean))
        daily[:, :, day::7] = _spread(pooled, mean[:, day::7], quantiles)
    sums = np.empty((len(quantiles), len(mean), len(windows)))
    for number, (first, end) in enumerate(windows):
        wrong = errors[:, :, first:end].sum(axis=2)
        sums[:, :, number] = _spread(wrong, mean[:, first:end].sum(axis=1)[:, None], quantiles)[:, :, 0]
    return Forecasts(mean, daily, sums)


_UNLIKELY = 1e-4


def sold_out(history: Array, stocked: NDArray[np.bool_] | None = None) -> Array:
    """History in which the last days without a sale are unknown where the item was most likely sold out.

    So many days without a sale in a row would come, by the share of such days before them, less than once in ten
    thousand times. What stands on the shelf now (``stocked``) was there to be sold.
    """
    sold = np.nan_to_num(history) > 0
    run = np.where(sold.any(axis=1), np.argmax(sold[:, ::-1], axis=1), 0)
    days = np.arange(history.shape[1])[None]
    tail = days >= history.shape[1] - run[:, None]
    before = ~tail & ~np.isnan(history)
    known = before.sum(axis=1)
    share = (before & ~sold).sum(axis=1) / np.maximum(known, 1)
    # A week may have its closed day and its quiet one, however well the item sells.
    odd = (known >= SHORTEST) & (np.maximum(share, 2 / 7) ** run < _UNLIKELY)
    if stocked is not None:
        odd &= ~stocked
    return np.where(tail & odd[:, None], np.nan, history)


def seasonal_naive(history: Array, horizon: int) -> Array:
    """The last week again: the benchmark every method must beat."""
    week = np.nan_to_num(history[:, -7:])
    return np.tile(week, (1, -(-horizon // 7)))[:, :horizon]


def weekday_level(history: Array, horizon: int) -> Array:
    """The recent level, newer weeks weighing more, shaped by how a week usually runs."""
    weeks = min(_PROFILE_WEEKS, history.shape[1] // 7)
    blocks = history[:, -7 * weeks :].reshape(len(history), weeks, 7)
    profile = _mean(blocks, np.ones(weeks)[None, :, None], axis=1)
    level = profile.mean(axis=1, keepdims=True)
    shape = np.divide(profile, level, out=np.ones_like(profile), where=level > 0)
    recent = blocks[:, -_LEVEL_WEEKS:]
    weights: Array = np.power(_DECAY, np.arange(recent.shape[1], dtype=np.float64)[::-1])
    now = _mean(recent, weights[None, :, None], axis=(1, 2))
    # Where nothing is known of these weeks, the level is that of the weeks before, however long ago.
    silent = np.isnan(recent).all(axis=(1, 2))
    ever = _mean(history, np.ones((1, history.shape[1])), axis=1)
    now = np.where(silent, np.where(np.isnan(blocks).all(axis=(1, 2)), ever, level[:, 0]), now)
    return np.tile(shape * now[:, None], (1, -(-horizon // 7)))[:, :horizon]


def _mean(values: Array, weights: Array, axis: int | tuple[int, ...]) -> Array:
    known = ~np.isnan(values)
    weighed = np.where(known, weights, 0.0)
    total, weight = (np.where(known, values, 0.0) * weighed).sum(axis=axis), weighed.sum(axis=axis)
    mean: Array = np.divide(total, weight, out=np.zeros_like(total), where=weight > 0)
    return mean


def _errors(history: Array, horizon: int, point: Point) -> Array:
    """By how much demand was above the point, for forecasts made in past weeks (origins × series × days)."""
    last = history.shape[1] - horizon
    origins = [last - 7 * k for k in range(_ORIGINS) if last - 7 * k >= SHORTEST]
    if not origins:
        return np.full((1, len(history), horizon), np.nan)
    known = np.cumsum(~np.isnan(history), axis=1)
    errors = np.array([history[:, o : o + horizon] - point(history[:, :o], horizon) for o in origins])
    errors[np.array([known[:, o - 1] < SHORTEST for o in origins])] = np.nan
    return errors


def _spread(errors: Array, mean: Array, quantiles: Sequence[float]) -> Array:
    """Quantiles round a mean (series × days) from errors (samples × series); none lies below zero.

    A quantile stands at rank q(n+1), as the next error, not one of the n, falls below it with probability q.
    A series too young to have erred yet gets the spread of a count, whose variance is its mean.
    """
    ordered = np.sort(errors, axis=0)
    known = np.count_nonzero(~np.isnan(ordered), axis=0)
    spread = np.empty((len(quantiles), *mean.shape))
    for number, quantile in enumerate(quantiles):
        place = np.clip(quantile * (known + 1) - 1, 0, np.maximum(known - 1, 0))
        below, share = np.floor(place).astype(int), place - np.floor(place)
        above = np.minimum(below + 1, np.maximum(known - 1, 0))
        low, high = (np.take_along_axis(ordered, at[None], axis=0)[0] for at in (below, above))
        counted = NormalDist().inv_cdf(quantile) * np.sqrt(mean)
        learned = np.broadcast_to((low + share * (high - low))[:, None], mean.shape)
        spread[number] = mean + np.where(known[:, None] > 0, learned, counted)
    clipped: Array = np.maximum(spread, 0.0)
    return clipped


@dataclass(frozen=True)
class Accuracy:
    """How good forecasts were: sums over everything that was forecast and then happened."""

    pinball: float
    absolute: float
    error: float
    demand: float
    inside: int
    count: int

    def __add__(self, other: "Accuracy") -> "Accuracy":
        return Accuracy(*(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True)))

    @property
    def wql(self) -> float:
        """Weighted quantile loss: the mean over the quantiles of twice the pinball loss, over demand."""
        return self.pinball / self.demand

    @property
    def wape(self) -> float:
        """Absolute error of the median over demand."""
        return self.absolute / self.demand

    @property
    def bias(self) -> float:
        """Mean error over demand; above zero is too high."""
        return self.error / self.demand

    @property
    def coverage(self) -> float:
        """How often demand lay between the lowest and the highest quantile."""
        return self.inside / self.count


def accuracy(actual: Array, forecasts: Forecasts, quantiles: Sequence[float] = QUANTILES) -> Accuracy:
    """Compare what happened (series × days, NaN where unknown) with what was forecast for it."""
    above = actual[None] - forecasts.daily
    levels = np.array(quantiles)[:, None, None]
    known = ~np.isnan(actual)
    median = forecasts.daily[int(np.argmin(np.abs(np.array(quantiles) - 0.5)))]
    return Accuracy(
        pinball=float(2 * np.nansum(np.maximum(levels * above, (levels - 1) * above)) / len(levels)),
        absolute=float(np.nansum(np.abs(actual - median))),
        error=float(np.nansum(forecasts.mean - actual)),
        demand=float(np.nansum(actual)),
        inside=int(np.count_nonzero((actual >= forecasts.daily[0]) & (actual <= forecasts.daily[-1]))),
        count=int(np.count_nonzero(known)),
    )


def backtest(history: Array, *, horizon: int = 28, origins: int = 6, point: Point | None = None) -> Accuracy:
    """Accuracy over rolling origins, each a horizon before the next, the last one horizon before the end."""
    total = Accuracy(0.0, 0.0, 0.0, 0.0, 0, 0)
    for number in range(origins):
        origin = history.shape[1] - horizon * (number + 1)
        forecasts = forecast(history[:, :origin], horizon, point=point)
        total += accuracy(history[:, origin : origin + horizon], forecasts)
    return total
