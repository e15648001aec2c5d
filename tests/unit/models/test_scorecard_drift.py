"""The population stability index: nothing for the same, more the further a column moved, never infinite."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.scorecard import moved_by_time, population_stability, verdict

_NUMBERS = st.lists(st.one_of(st.floats(-1e6, 1e6), st.just(float("nan")), st.just(float("inf"))), min_size=1)


def test_two_shares_give_the_figure_of_the_formula():
    then, now = np.repeat([0.0, 1.0], [500, 500]), np.repeat([0.0, 1.0], [300, 700])
    expected = (0.3 - 0.5) * np.log(0.3 / 0.5) + (0.7 - 0.5) * np.log(0.7 / 0.5)
    assert population_stability(then, now) == pytest.approx(expected)


def test_the_index_of_draws_of_one_distribution_is_chance_and_of_a_moved_one_is_large():
    draws = np.random.default_rng(7)
    then = draws.normal(size=4000)
    assert population_stability(then, draws.normal(size=4000)) < 0.02
    found = [population_stability(then, draws.normal(shift, size=4000)) for shift in (0.2, 0.5, 1.0)]
    assert found == sorted(found)
    assert [verdict(one) for one in (0.0, 0.1, 0.25, float("nan"))] == ["stable", "moderate", "large", "unknown"]


def test_values_that_stay_away_are_drift_too():
    draws = np.random.default_rng(7).normal(size=1000)
    half = draws.copy()
    half[::2] = np.nan
    assert population_stability(draws, half) > 0.25


def test_without_rows_nothing_is_known():
    assert np.isnan(population_stability(np.empty(0), np.ones(3)))


@given(_NUMBERS, _NUMBERS)
def test_it_is_finite_never_negative_and_does_not_depend_on_the_order_of_rows(then, now):
    index = population_stability(np.array(then), np.array(now))
    assert np.isfinite(index)
    assert index >= -1e-12
    assert population_stability(np.array(then[::-1]), np.array(now[::-1])) == index
    assert population_stability(np.array(then), np.array(then)) == 0


_DAYS = st.lists(st.one_of(st.integers(0, 5000), st.just(float("nan"))), min_size=1)


@given(_DAYS, st.integers(1, 400))
def test_a_column_that_counts_days_has_moved_by_the_days_between(days_known, between):
    then = np.array(days_known, dtype="float64")
    known = bool(np.isfinite(then).any())
    assert moved_by_time(then, then + between, between) == between * known
    assert moved_by_time(then, then - between, between) == -between * known
    assert moved_by_time(then, then, between) == 0


def test_once_the_days_between_are_taken_off_only_newcomers_are_drift():
    draws = np.random.default_rng(7)
    then = draws.integers(100, 300, 2000).astype("float64")
    assert population_stability(then, then + 28) > 0.25
    by_time = moved_by_time(then, then + 28, 28)
    assert population_stability(then + by_time, then + 28) == 0
    newcomers = np.r_[then + 28, draws.integers(0, 28, 1000)]
    assert population_stability(then + by_time, newcomers) > 0.25


def test_recency_is_no_clock_while_some_still_buy():
    then = np.arange(100.0)
    now = then + 28
    now[:5] = 3
    assert moved_by_time(then, now, 28) == 0, "five of a hundred bought again"
    now[1:5] = then[1:5] + 28
    assert moved_by_time(then, now, 28) == 28, "one first order that came to light later makes it no other column"
