"""Measures of series: by hand, and indifferent to the unit of a series."""

from __future__ import annotations

import numpy as np
import pytest

from models.judging import series as judging

ACTUAL = np.array([[10.0, 1.0], [12.0, np.nan], [14.0, 3.0]])
FORECAST = np.array([[11.0, 2.0], [12.0, 9.0], [12.0, 3.0]])


def test_scaled_errors_by_hand() -> None:
    assert judging.rmsse(ACTUAL, FORECAST, np.array([4.0, 1.0])) == pytest.approx([np.sqrt(5 / 3 / 4), np.sqrt(0.5)])
    assert judging.mase(ACTUAL, FORECAST, np.array([2.0, 1.0])) == pytest.approx([0.5, 0.5])
    assert np.isnan(judging.rmsse(ACTUAL, FORECAST, np.array([0.0, 1.0]))[0]), "a series that never changed"


def test_the_unit_of_a_series_does_not_matter() -> None:
    unit = np.array([1000.0, 0.01])
    scale = np.array([4.0, 1.0])
    again = judging.rmsse(ACTUAL * unit, FORECAST * unit, scale * unit**2)
    assert again == pytest.approx(judging.rmsse(ACTUAL, FORECAST, scale))


def test_levels_weigh_alike_and_series_by_their_worth() -> None:
    errors, worth, levels = np.array([1.0, 2.0, 4.0, np.nan]), np.array([3.0, 1.0, 9.0, 5.0]), np.array([0, 0, 1, 1])
    assert judging.weighted(errors, worth, levels) == pytest.approx(((3 + 2) / 4 + 4.0) / 2)
    assert np.isnan(judging.weighted(errors[3:], worth[3:], levels[3:]))
    actual, forecast = ACTUAL[None], FORECAST[None]
    told = judging.wrmsse(actual, forecast, np.array([[4.0, 1.0]]), np.array([[1.0, 1.0]]), np.array([0, 1]))
    assert told == pytest.approx((np.sqrt(5 / 12) + np.sqrt(0.5)) / 2)
    cut = judging.wrmsse(actual, forecast, np.array([[4.0, 1.0]]), np.array([[1.0, 1.0]]), np.array([0, 1]), clip=0.1)
    assert cut == pytest.approx(0.1)


def test_bias_has_a_sign_and_coverage_counts_the_ends() -> None:
    scale = np.array([4.0, 1.0])
    assert judging.bias(ACTUAL, FORECAST, scale) == pytest.approx((0.5 + 0 - 1.0 + 1.0 + 0) / 5)
    assert judging.bias(ACTUAL, ACTUAL + 1, scale) > 0
    assert judging.coverage(ACTUAL, ACTUAL, FORECAST) == pytest.approx(4 / 5)
    assert np.isnan(judging.coverage(np.array([np.nan]), np.zeros(1), np.ones(1)))


def test_the_interval_score_by_hand_punishes_width_and_misses() -> None:
    low, high, scale = ACTUAL - 1.0, ACTUAL + 2.0, np.array([2.0, 1.0])
    assert judging.interval_score(ACTUAL, low, high, 0.8, scale) == pytest.approx([1.5, 3.0])
    low[0, 0], high[1, 0] = 12.0, 11.0  # 2 under the interval, width 0; 1 above it, width 0
    assert judging.interval_score(ACTUAL, low, high, 0.8, scale)[0] == pytest.approx((20 + 10 + 3) / 3 / 2)
    assert np.isinf(judging.interval_score(ACTUAL, low * 0, high + np.inf, 0.8, scale)[0]), "all is no answer"
