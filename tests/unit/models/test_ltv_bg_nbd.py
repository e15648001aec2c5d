"""BG/NBD: the published estimates, the closed form, and figures that stay sane whatever the customer."""

from __future__ import annotations

import numpy as np
import pytest
from cdnow import summary
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import hyp2f1

from models.lifetime_value.bg_nbd import BGNBD, NoRepeatPurchaseError, fit, probability_alive
from models.lifetime_value.counts import count_moments, expected_purchases

PUBLISHED = BGNBD(0.243, 4.414, 0.793, 2.426)  # Fader, Hardie & Lee (2005), table 2


def test_reproduces_the_published_cdnow_estimates():
    customers = summary()
    found = fit(customers["x"], customers["t_x"], customers["T"])
    assert (round(found.r, 3), round(found.alpha, 3)) == (0.243, 4.414)
    assert (round(found.a, 3), round(found.b, 3)) == (0.793, 2.426)
    assert round(found.log_likelihood, 1) == -9582.4


def test_weights_stand_for_customers():
    customers = summary().sort_values(["x", "t_x", "T"])
    grouped = customers.groupby(["x", "t_x", "T"]).size().reset_index(name="n")
    each = fit(customers["x"], customers["t_x"], customers["T"])
    together = fit(grouped["x"], grouped["t_x"], grouped["T"], grouped["n"])
    assert together.alpha == pytest.approx(each.alpha, rel=1e-4)
    assert together.log_likelihood == pytest.approx(each.log_likelihood, rel=1e-9)


def test_unit_of_time_does_not_matter():
    customers = summary()
    weeks = fit(customers["x"], customers["t_x"], customers["T"])
    days = fit(customers["x"], 7 * customers["t_x"], 7 * customers["T"])
    assert (days.r, days.alpha / 7, days.a, days.b) == pytest.approx((weeks.r, weeks.alpha, weeks.a, weeks.b), rel=1e-5)


def test_the_example_of_the_paper():
    assert expected_purchases(PUBLISHED, [2], [30.43], [38.86], 39)[0] == pytest.approx(1.226, abs=5e-4)


@given(
    x=st.integers(0, 30),
    t_x=st.floats(0, 1),
    total=st.floats(0.1, 100),
    ahead=st.floats(0.1, 100),
    a=st.floats(0.1, 3).filter(lambda a: abs(a - 1) > 0.05),
)
@settings(deadline=None, max_examples=40)
def test_agrees_with_the_closed_form(x, t_x, total, ahead, a):
    model = BGNBD(0.5, 5.0, a, 2.4)
    t_x = t_x * total if x else 0.0
    r, alpha, b = model.r, model.alpha, model.b
    odds = a / (b + x - 1) * ((alpha + total) / (alpha + t_x)) ** (r + x) if x else 0.0
    hypergeometric = hyp2f1(r + x, b + x, a + b + x - 1, ahead / (alpha + total + ahead))
    shrunk = 1 - ((alpha + total) / (alpha + total + ahead)) ** (r + x) * hypergeometric
    closed = (a + b + x - 1) / (a - 1) * shrunk / (1 + odds)
    assert probability_alive(model, [x], [t_x], [total])[0] == pytest.approx(1 / (1 + odds), rel=1e-9)
    assert expected_purchases(model, [x], [t_x], [total], ahead)[0] == pytest.approx(closed, rel=1e-5)


def test_moments_are_those_of_simulated_customers():
    model, random = BGNBD(1.3, 9.0, 0.8, 2.5), np.random.default_rng(5)
    x, total, ahead, draws = 4, 30.0, 45.0, 400_000
    rate = random.gamma(model.r + x, 1 / (model.alpha + total), draws)
    leaves = random.beta(model.a, model.b + x, draws)
    count = np.minimum(random.poisson(rate * ahead), random.geometric(leaves))
    mean, variance, none = (moment[0] for moment in count_moments(model, [x], [total], ahead))
    assert mean == pytest.approx(count.mean(), rel=0.01)
    assert variance == pytest.approx(count.var(), rel=0.02)
    assert none == pytest.approx((count == 0).mean(), rel=0.02)


@given(
    x=st.integers(0, 100_000),
    share=st.floats(0, 1),
    total=st.floats(0, 1e5),
    ahead=st.floats(0.01, 1e5),
    logs=st.tuples(*[st.floats(-12, 12)] * 4),
)
@settings(deadline=None, max_examples=40)
def test_never_infinite_negative_or_missing(x, share, total, ahead, logs):
    model = BGNBD(*np.exp(logs))
    alive = probability_alive(model, [x], [share * total], [total])
    purchases = expected_purchases(model, [x], [share * total], [total], ahead)
    assert 0 <= alive[0] <= 1
    assert np.isfinite(purchases[0]) and purchases[0] >= 0


def test_a_row_does_not_depend_on_its_batch():
    customers = summary()
    columns = [customers[name].to_numpy() for name in ("x", "t_x", "T")]
    whole = expected_purchases(PUBLISHED, *columns, 39.0)
    for rows in (slice(7, 8), slice(0, 1000), slice(None, None, -1)):
        part = expected_purchases(PUBLISHED, *(column[rows] for column in columns), 39.0)
        assert np.array_equal(part.round(9), whole[rows].round(9))


def test_says_what_is_wrong_with_the_data():
    with pytest.raises(NoRepeatPurchaseError, match="two days"):
        fit(np.zeros(5), np.zeros(5), np.full(5, 9.0))
    with pytest.raises(ValueError, match="recency"):
        probability_alive(PUBLISHED, [1], [9.0], [3.0])
    with pytest.raises(ValueError, match="finite"):
        probability_alive(PUBLISHED, [np.nan], [0.0], [3.0])
