"""Forecasts say what is likely, how likely, and how wrong they have been."""

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from supplier_portal import cli
from supplier_portal.forecast import forecasting, levels, tidy
from supplier_portal.forecast.forecasting import backtest, forecast

BAKERY = Path(__file__).parent.parent / "samples" / "forecast" / "bakery_sample.parquet"
WEEK = [5, 6, 7, 8, 12, 20, 2]


def noisy(series: int = 40, days: int = 364, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).poisson(np.tile(WEEK, (series, days // 7))).astype(float)


def test_a_week_that_always_runs_the_same_is_forecast_to_run_so_again():
    made = forecast(np.tile(np.array(WEEK, float), (1, 12)), 10)
    assert made.mean[0] == pytest.approx([*WEEK, *WEEK[:3]])
    assert made.daily[:, 0] == pytest.approx(np.tile([*WEEK, *WEEK[:3]], (3, 1)))


def test_the_level_follows_the_last_weeks_and_the_shape_the_season():
    grown = np.concatenate([np.tile(WEEK, 20), 2 * np.tile(WEEK, 6)]).astype(float)[None]
    made = forecast(grown, 7)
    assert made.mean.sum() == pytest.approx(2 * sum(WEEK), rel=0.01)
    assert made.mean[0].argmax() == 5 and made.mean[0].argmin() == 6


def test_eight_days_in_ten_lie_between_p10_and_p90():
    found = backtest(noisy())
    assert found.coverage == pytest.approx(0.8, abs=0.05) and found.bias == pytest.approx(0, abs=0.02)


def test_the_p90_of_a_week_is_far_below_seven_daily_p90s():
    made = forecast(noisy(), 7, windows=[(0, 7)])
    assert made.sums[2].mean() < 0.93 * made.daily[2].sum(axis=1).mean()
    assert made.sums[1].mean() == pytest.approx(sum(WEEK), rel=0.05)


def test_the_quantile_of_a_sum_holds_what_it_promises():
    history = noisy(series=400, days=371)
    made = forecast(history[:, :-7], 7, windows=[(0, 3)])
    within = history[:, -7:-4].sum(axis=1) <= made.sums[2, :, 0]
    assert within.mean() == pytest.approx(0.9, abs=0.06)


def test_a_young_series_gets_the_spread_of_a_count_instead_of_certainty():
    young = noisy(series=2)
    young[0, :-10] = np.nan
    made = forecast(young, 28, windows=[(0, 7)])
    assert made.sums[0, 0, 0] < made.sums[1, 0, 0] < made.sums[2, 0, 0]
    assert made.mean[0].mean() == pytest.approx(np.nanmean(young[0]), rel=0.25)


def test_thirteen_days_are_too_few():
    with pytest.raises(forecasting.HistoryTooShort):
        forecast(np.ones((1, 13)), 7)


@settings(max_examples=40)
@given(
    st.integers(1, 4), st.integers(14, 120), st.integers(1, 40), st.integers(0, 2**32 - 1),
    st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_quantiles_never_cross_and_never_fall_below_zero(series, days, horizon, seed, zeros, unknown):
    rng = np.random.default_rng(seed)
    history = rng.gamma(1, 20, (series, days)) * (rng.random((series, days)) >= zeros)
    history[rng.random((series, days)) < unknown] = np.nan
    made = forecast(history, horizon, windows=[(0, horizon)])
    for found in (made.daily, made.sums):
        assert np.isfinite(found).all() and (found >= 0).all()
        assert (np.diff(found, axis=0) >= -1e-9).all()
    assert made.mean.shape == (series, horizon)


def test_three_thousand_series_of_a_year_are_forecast_at_once():
    made = forecast(noisy(series=3000), 34, windows=[(6, 13), (13, 20), (20, 27), (27, 34)])
    assert made.mean.shape == (3000, 34) and np.isfinite(made.sums).all()


def test_on_a_bakerys_real_sales_it_beats_the_last_week_again():
    history = tidy.read(BAKERY)
    made, naive = backtest(history), backtest(history, point=forecasting.seasonal_naive)
    assert made.wql / naive.wql < 0.95 and made.wape / naive.wape < 0.95
    assert 0.7 < made.coverage < 0.9 and abs(made.bias) < 0.05


def test_furrow_forecast_run_says_how_good_it_is():
    told = CliRunner().invoke(cli.app, ["run", str(BAKERY), "--origins", "3"])
    assert told.exit_code == 0, told.output
    assert "bakery_sample: 12 series, 607 days, 28 days ahead" in told.output
    assert all(word in told.output for word in ("wQL", "WAPE", "coverage", "bias"))


def test_the_test_data_without_a_licence_is_read_from_where_it_lies():
    folder = os.environ.get("FURROW_FORECAST_DATA")
    if not folder:
        pytest.skip("FURROW_FORECAST_DATA names no folder with veg_cn.parquet")
    told = CliRunner().invoke(cli.app, ["run", str(Path(folder) / "veg_cn.parquet")])
    assert told.exit_code == 0 and "veg_cn: 251 series" in told.output


# Unknown is not zero


def steady(**changed):
    """371 days of ten a day, with some of them changed by their place from the end."""
    sold = np.full(371, 10.0)
    for _name, (last, value) in changed.items():
        sold[-last:] = value
    return sold[None]


def week(sold, **more):
    return forecasting.forecast(sold, 7, windows=[(0, 7)], **more)


@pytest.mark.parametrize("days", [14, 45, 130])
def test_an_item_sold_out_for_long_is_forecast_as_it_sold_and_ordered_again(days):
    out = steady(out=(days, 0.0))
    assert week(out).mean[0] == pytest.approx([10] * 7)
    found = levels.levels(out, lead_days=1, review_days=1, service=0.95)
    assert found.reorder[0] > 9.99 and found.target[0] > 19.99


def test_what_stands_on_the_shelf_and_does_not_sell_is_not_ordered():
    out = steady(out=(60, 0.0))
    assert week(out, stocked=np.array([True])).mean[0] == pytest.approx([0] * 7)


def test_days_of_which_a_store_has_not_told_yet_are_not_days_without_a_sale():
    assert week(steady(late=(3, np.nan))).mean[0] == pytest.approx([10] * 7)


def test_a_closed_day_a_week_and_an_item_that_rarely_sells_stay_as_they_are():
    closed = np.where(np.arange(371) % 7 == 6, 0.0, 10.0)[None]
    assert sorted(week(closed).mean[0]) == pytest.approx([0, *[10] * 6])
    rare = np.zeros(371)
    rare[::40] = 1
    assert (forecasting.sold_out(rare[None]) == rare).all()
    assert (forecasting.sold_out(np.zeros((1, 371))) == 0).all()
