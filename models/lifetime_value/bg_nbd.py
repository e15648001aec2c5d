"""BG/NBD: how often customers come back, and whether they still do.

While alive a customer buys at random at a rate of their own (gamma over customers); after each purchase they leave
for good with a probability of their own (beta over customers).

P. Fader, B. Hardie, K. Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2), 275-284; the
numbers in brackets below are equations of that paper.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Logarithms of the parameters stay within these bounds: beyond them the likelihood is flat (nobody leaves, or all
# customers are alike), and only the arithmetic would suffer.
LOG_BOUND = 12.0

# Start values, for time in units of the longest observation; any positive ones lead to the same maximum.
START = (0.5, 0.1, 0.5, 1.0)


class NoRepeatPurchaseError(ValueError):
    """Nobody ever came back: the data do not say how often customers buy."""


@dataclass(frozen=True)
class BGNBD:
    """Parameters of the population; `alpha` is in the unit of time that the model was fitted in.

    Purchase rates are Gamma(r, alpha), dropout probabilities Beta(a, b).
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float = float("nan")


def checked(frequency: np.ndarray, recency: np.ndarray, T: np.ndarray) -> tuple[np.ndarray, ...]:
    """The summaries as float64 arrays, 0 <= recency <= T; raises ValueError for values that are none."""
    x, t_x, total = (np.asarray(values, dtype="float64") for values in (frequency, recency, T))
    if not x.shape == t_x.shape == total.shape:
        raise ValueError("frequency, recency and T differ in length")
    if not (np.isfinite(x).all() and np.isfinite(t_x).all() and np.isfinite(total).all()):
        raise ValueError("frequency, recency and T must be finite numbers")
    if (x < 0).any() or (t_x < 0).any() or (t_x > total).any():
        raise ValueError("frequency must be >= 0 and 0 <= recency <= T")
    return x, t_x, total


def _log_odds_of_having_left(
    x: np.ndarray, t_x: np.ndarray, total: np.ndarray, r: float, alpha: float, a: float, b: float
) -> np.ndarray:
    """ln of P(left) / P(alive); -inf for those without a repeat purchase, who cannot have left yet."""
    repeat = x > 0
    odds = np.full(x.shape, -np.inf)
    at = x[repeat]
    odds[repeat] = (
        np.log(a) - np.log(b + at - 1) + (r + at) * (np.log(alpha + total[repeat]) - np.log(alpha + t_x[repeat]))
    )
    return odds


def _negative_log_likelihood(
    log_parameters: np.ndarray, x: np.ndarray, t_x: np.ndarray, total: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    """Minus the mean log-likelihood (19) and its gradient in the logarithms of r, alpha, a and b."""
    from scipy.special import digamma, gammaln

    r, alpha, a, b = np.exp(log_parameters)
    left = np.logaddexp(0.0, _log_odds_of_having_left(x, t_x, total, r, alpha, a, b))
    stay, go = np.exp(-left), -np.expm1(-left)
    long, short = np.log(alpha + total), np.log(alpha + t_x)
    likelihood = (
        gammaln(r + x) - gammaln(r) + r * np.log(alpha)
        + gammaln(a + b) - gammaln(b) + gammaln(b + x) - gammaln(a + b + x)
        - (r + x) * long + left
    )  # fmt: skip
    joint = digamma(a + b) - digamma(a + b + x)
    gradient = (
        r * (digamma(r + x) - digamma(r) + np.log(alpha) - stay * long - go * short),
        alpha * (r / alpha - (r + x) * (stay / (alpha + total) + go / (alpha + t_x))),
        a * (joint + go / a),
        b * (joint + digamma(b + x) - digamma(b) - np.where(x > 0, go / np.maximum(b + x - 1, 1e-300), 0.0)),
    )
    scale = weights.sum()
    return -float(weights @ likelihood) / scale, np.array([-(weights @ part) / scale for part in gradient])


def fit(frequency: np.ndarray, recency: np.ndarray, T: np.ndarray, weights: np.ndarray | None = None) -> BGNBD:
    """Maximum likelihood estimate.

    Args:
        frequency: repeat purchases per customer, the first one not counted.
        recency: time from the first to the last purchase; 0 without a repeat purchase.
        T: time from the first purchase to the end of observation, in the same unit.
        weights: customers per row, for rows that stand for many; 1 each by default.

    Raises:
        ValueError: the arrays differ in length or hold impossible values.
        NoRepeatPurchaseError: nobody bought twice.
    """
    from scipy.optimize import minimize

    x, t_x, total = checked(frequency, recency, T)
    if not (x > 0).any() or not total.max(initial=0.0) > 0:
        raise NoRepeatPurchaseError("no customer bought on two days: nothing to learn a purchase rate from")
    weight = np.ones_like(x) if weights is None else np.asarray(weights, dtype="float64")
    unit = float(total.max())  # the search is quickest when time is of the order of 1
    found = minimize(
        _negative_log_likelihood,
        np.log(START),
        args=(x, t_x / unit, total / unit, weight),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND)] * 4,
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
    )
    r, alpha, a, b = (float(value) for value in np.exp(found.x))
    # In the unit of the data every repeat purchase has a density smaller by that unit.
    likelihood = -float(found.fun) * weight.sum() - float(weight @ x) * np.log(unit)
    return BGNBD(r, alpha * unit, a, b, likelihood)


def probability_alive(model: BGNBD, frequency: np.ndarray, recency: np.ndarray, T: np.ndarray) -> np.ndarray:
    """Probability that each customer still buys at the end of observation, 0 to 1.

    1 without a repeat purchase: the model lets customers leave only after one. P. Fader, B. Hardie (2008), Computing
    P(alive) Using the BG/NBD Model.
    """
    x, t_x, total = checked(frequency, recency, T)
    odds = _log_odds_of_having_left(x, t_x, total, model.r, model.alpha, model.a, model.b)
    return np.exp(-np.logaddexp(0.0, odds))
