"""Figures on amounts: known values, and none that depends on the order of rows."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.judging import amounts

ACTUAL = np.array([0.0, 10.0, 20.0, 70.0])


def test_known_values():
    predicted = np.array([5.0, 10.0, 30.0, 65.0])
    assert amounts.mae(ACTUAL, predicted) == 5.0
    assert amounts.bias(ACTUAL, predicted) == pytest.approx(0.1)
    assert amounts.capture(ACTUAL, predicted, 0.25) == 1.0
    assert amounts.capture(ACTUAL, -predicted, 0.25) == 0.0
    assert amounts.coverage(ACTUAL, np.array([0, 11, 0, 70]), np.array([0, 20, 19, 70])) == 0.5
    assert amounts.measure(ACTUAL, -predicted)["absolute_bias"] == pytest.approx(2.1)


def test_ties_at_the_cut_count_in_proportion():
    assert amounts.capture(ACTUAL, np.ones(4), 0.25) == pytest.approx(25 / 70)


def test_nothing_happened_has_no_bias_and_nothing_to_capture():
    assert math.isnan(amounts.bias(np.zeros(3), np.ones(3)))
    assert math.isnan(amounts.capture(np.zeros(3), np.ones(3)))


def test_deciles_are_means_of_tenths():
    predicted = np.arange(20.0)
    rows = amounts.deciles(predicted * 2, predicted)
    assert rows[:, 0].tolist() == [0.5 + 2 * k for k in range(10)]
    assert rows[:, 1].tolist() == [1 + 4 * k for k in range(10)]


def test_refuses_what_cannot_be_judged():
    with pytest.raises(ValueError, match="no rows"):
        amounts.mae(np.array([]), np.array([]))
    with pytest.raises(ValueError, match="one length"):
        amounts.bias(ACTUAL, ACTUAL[:2])


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 5)), min_size=2, max_size=40), st.randoms())
def test_order_of_rows_does_not_matter(rows, random):
    shuffled = list(rows)
    random.shuffle(shuffled)
    (a, p), (b, q) = (np.array(one, dtype="float64").T for one in (rows, shuffled))
    np.testing.assert_allclose(list(amounts.measure(a, p).values()), list(amounts.measure(b, q).values()), rtol=1e-12)
    np.testing.assert_allclose(amounts.deciles(a, p), amounts.deciles(b, q), rtol=1e-12)


def test_a_lead_is_above_nothing_only_where_one_is_better():
    random = np.random.default_rng(3)
    actual = random.gamma(1.0, 20.0, 800)
    good, bad = actual + random.normal(0, 2, 800), actual * 1.5 + random.normal(0, 20, 800)
    for low, high in amounts.leads(actual, good, bad, draws=40).values():
        assert 0 < low <= high
    for low, high in amounts.leads(actual, bad, good, draws=40).values():
        assert low <= high < 0
    assert set(amounts.leads(actual, good, good, draws=5).values()) == {(0.0, 0.0)}
