"""Gamma-Gamma: the published estimates, and expectations between the customer's mean and everybody's."""

from __future__ import annotations

import numpy as np
import pytest
from cdnow import summary
from hypothesis import given
from hypothesis import strategies as st

from models.lifetime_value.gamma_gamma import GammaGamma, expected_value, fit, value_moments


def test_reproduces_the_published_cdnow_estimates():
    """p 6.25, q 3.74, gamma 15.44 (Fader and Hardie 2013); the note's data are rounded to cents, as these are."""
    customers = summary()
    repeat = customers[customers["x"] > 0]
    found = fit(repeat["x"], repeat["zbar"])
    assert found.p == pytest.approx(6.25, abs=0.01)
    assert found.q == pytest.approx(3.74, abs=0.01)
    assert found.gamma == pytest.approx(15.44, abs=0.04)


@pytest.mark.slow
def test_recovers_what_simulated_customers_were_made_with():
    random, true = np.random.default_rng(3), GammaGamma(2.5, 6.0, 90.0)
    x = random.integers(1, 12, 30_000)
    own = random.gamma(true.q, 1 / true.gamma, len(x))
    mean = random.gamma(true.p * x, 1 / own) / x
    found = fit(x, mean)
    assert (found.p, found.q, found.gamma) == pytest.approx((true.p, true.q, true.gamma), rel=0.06)
    some = x == 4
    to_come = random.gamma(true.p, 1 / own[some])
    expected = expected_value(true, x[some], x[some] * mean[some])
    assert expected.mean() == pytest.approx(to_come.mean(), rel=0.02)
    of_means, within = value_moments(true, x[some], x[some] * mean[some])
    assert within.mean() == pytest.approx(((to_come - true.p / own[some]) ** 2).mean(), rel=0.06)
    assert of_means.mean() == pytest.approx(((true.p / own[some]) ** 2).mean(), rel=0.03)


@given(x=st.integers(1, 10_000), mean=st.floats(0.01, 1e6))
def test_lies_between_the_own_mean_and_that_of_all(x, mean):
    model = GammaGamma(6.25, 3.74, 15.44)
    everybody = expected_value(model, np.zeros(1), np.zeros(1))[0]
    expected = expected_value(model, np.array([x]), np.array([x * mean]))[0]
    low, high = sorted((everybody, mean))
    assert low * (1 - 1e-9) <= expected <= high * (1 + 1e-9)


def test_refuses_values_that_are_none():
    with pytest.raises(ValueError, match="positive"):
        fit([1, 2], [3.0, 0.0])
    with pytest.raises(ValueError, match="positive"):
        fit([], [])
