"""Intervals: each node's own kind of lower limit, misses on both sides, and no wider than what errs."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.demand import DemandSettings, intervals, quantiles, run

QUICK = DemandSettings(boosted=False, horizon=4)
WEEKS = pd.date_range("2016-01-04", periods=104, freq="7D")


def table_of(amounts: np.ndarray) -> pd.DataFrame:
    """History of series in columns, weeks in rows."""
    names = [f"s{k:03}" for k in range(amounts.shape[1])]
    return pd.DataFrame(
        {"series_id": np.repeat(names, len(amounts)), "date": np.tile(WEEKS[: len(amounts)], len(names)),
         "value": amounts.T.ravel()}
    )  # fmt: skip


@pytest.fixture(scope="module")
def shop():
    """Rare sellers under a total of 40,000 with 5 % noise: (history, forecast, grades)."""
    draws = np.random.default_rng(7)
    sold = np.where(draws.random((104, 100)) < 0.35, draws.gamma(2.0, 1.0, (104, 100)), 0.0)
    sold[:, 0] = 0.0
    total = np.maximum(40_000 * (1 + 0.05 * draws.standard_normal(104)), 1)
    sold[:, 0] = total - sold.sum(axis=1)
    groups = pd.DataFrame(
        {"series_id": [f"s{k:03}" for k in range(100)], "group": ["big", *(f"g{k % 12:02}" for k in range(99))]}
    )
    result = run(table_of(sold), "2017-12-31", None, groups, QUICK)
    return sold, result.forecast, result.grades


def test_a_steady_total_of_many_rare_sellers_has_a_lower_limit_near_its_forecast(shop) -> None:
    sold, forecast, _ = shop
    total = forecast[forecast.level == "total"]
    assert total.forecast.between(38_000, 42_000).all()
    for low, high in (("lower_80", "upper_80"), ("lower_95", "upper_95")):
        assert (total[low] > 0.8 * total.forecast).all() and (total[high] < 1.2 * total.forecast).all()
    rare = forecast[(forecast.level == "series") & (forecast.series_id != "s000")]
    assert (rare.lower_80 == 0).all(), "zero is the lower tail of what mostly brings nothing"
    assert (rare.upper_80 > rare.forecast).mean() > 0.9


def test_only_nodes_that_bring_nothing_in_a_tenth_of_their_periods_begin_at_zero(shop) -> None:
    draws = np.random.default_rng(9)
    level = draws.uniform(20, 200, 40)
    sold = level * (1 + 0.1 * draws.standard_normal((104, 40)))
    sold[:, 20:] *= draws.random((104, 20)) < 0.8
    told = run(table_of(sold), "2017-12-31", None, None, QUICK).forecast
    silent = pd.Series((sold[-52:] == 0).mean(axis=0), index=[f"s{k:03}" for k in range(40)])
    share = told.series_id.map(silent)
    assert (told.lower_80[share >= 0.1] == 0).all() and (share >= 0.1).any()
    assert (told.lower_80[share == 0] > 0.6 * told.forecast[share == 0]).all()


def test_the_share_of_nothing_reads_no_later_period_and_few_periods_say_nothing() -> None:
    class Panel:
        actual = np.concatenate([np.zeros((10, 2)), np.ones((10, 2)), np.zeros((10, 2))])

    Panel.actual[:, 1] = np.nan
    Panel.actual[25:, 1] = 0.0
    told = intervals.nothing(Panel, np.array([9, 19, 29]))
    assert told.tolist() == [[0.0, 0.0], [0.5, 0.0], [pytest.approx(2 / 3), 0.0]]


def test_misses_lie_below_and_above_where_errors_are_symmetric() -> None:
    draws = np.random.default_rng(3)
    sold = draws.uniform(50, 500, 200) * (1 + 0.15 * draws.standard_normal((104, 200)))
    told = run(table_of(sold[:96]), "2017-11-05", None, None, QUICK).forecast
    actual = sold[96:100][told.horizon - 1, told.series_id.str[1:].astype(int)]
    assert 0.04 <= np.mean(actual < told.lower_80) <= 0.16
    assert 0.04 <= np.mean(actual > told.upper_80) <= 0.16


def test_intervals_score_better_than_the_naive_forecast_with_its_own_errors(shop) -> None:
    scores = shop[2][shop[2].metric.str.startswith("interval_score")]
    assert scores.metric.tolist() == ["interval_score_80", "interval_score_95"]
    assert (scores.baseline == "seasonal naive with its past errors").all()
    assert (scores.value < 0.95 * scores.baseline_value).all()


def limits_of(past: quantiles.Errors, nodes: list[int], least: int = 120, apart: bool = False) -> np.ndarray:
    """(kind, 2, grid, horizon, cells) of some nodes, else of all."""
    read = intervals.Limits(past, DemandSettings(least_residuals=least))
    return read.first([read.of(np.array(nodes), apart)], len(nodes) if apart else 1)


def test_limits_cover_their_share_of_the_errors_they_were_made_from() -> None:
    draws = np.random.default_rng(5)
    scaled = draws.normal(0.5, 2.0, (40, 3, 60))
    both, from_zero = limits_of(quantiles.Errors(scaled), list(range(60)))[..., 0]
    for place, share in enumerate(intervals.GRID):
        inside = (scaled >= both[0, place][:, None]) & (scaled <= both[1, place][:, None])
        assert inside.mean() == pytest.approx(share, abs=0.01)
    place = intervals.GRID.index(0.8)
    assert np.isneginf(from_zero[0]).all()
    assert np.mean(scaled <= from_zero[1, place][:, None]) == pytest.approx(0.8, abs=0.01)


def test_the_largest_of_a_few_errors_is_no_limit_where_other_nodes_say_more() -> None:
    draws = np.random.default_rng(5)
    scaled = draws.normal(0.0, 1.0, (40, 3, 60))
    scaled[7, 1, 0] = 50.0
    alone = limits_of(quantiles.Errors(scaled, windows=10.0), [0], least=30)
    assert (alone[0, 1, intervals.GRID.index(0.95)] < 4).all()


@settings(max_examples=30, deadline=None)
@given(
    st.integers(0, 12), st.integers(1, 5), st.integers(1, 6), st.integers(1, 30), st.floats(1, 9), st.integers(0, 99)
)
def test_nodes_read_side_by_side_say_what_each_says_alone(origins, horizon, nodes, least, windows, seed) -> None:
    draws = np.random.default_rng(seed)
    scaled = draws.normal(size=(origins, horizon, nodes))
    past = quantiles.Errors(np.where(draws.random(scaled.shape) < 0.3, np.nan, scaled), windows)
    together = limits_of(past, list(range(nodes)), least, apart=True)
    for node in range(nodes):
        np.testing.assert_array_equal(together[..., node], limits_of(past, [node], least)[..., 0])


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(-9, 9), min_size=1, max_size=40), st.sampled_from([0.025, 0.1, 0.8, 0.9, 0.975]))
def test_quantiles_are_values_and_mirror(values, share) -> None:
    low, high = np.sort(values), np.sort(-np.array(values))
    assert quantiles.quantile(low, share) in values
    if share != 0.5:
        assert quantiles.quantile(low, share) == -quantiles.quantile(high, 1 - share)
