"""Gamma-Gamma: what a customer's purchases are worth on average.

Values of one customer vary as Gamma(p, v) around their own mean, and v over customers as Gamma(q, gamma);
independent of how often they buy.

P. Fader, B. Hardie, K. Lee (2005), RFM and CLV: Using Iso-Value Curves for Customer Base Analysis, Journal of
Marketing Research 42(4), 415-430; P. Fader, B. Hardie (2013), The Gamma-Gamma Model of Monetary Value.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LOG_BOUND = 12.0

# With q at or below 1 the mean over the population would be infinite.
LEAST_Q = 1.05

# Below q + p x of 2 the variance is infinite; there it is taken as at this distance above.
LEAST_SPARE = 0.5


@dataclass(frozen=True)
class GammaGamma:
    """Parameters of the population; `gamma` is in the unit of the values."""

    p: float
    q: float
    gamma: float


def _negative_log_likelihood(
    log_parameters: np.ndarray, x: np.ndarray, mean: np.ndarray, weights: np.ndarray
) -> tuple[float, np.ndarray]:
    """Minus the mean log-likelihood (equation 1a of the note of 2013), gradient in the logarithms."""
    from scipy.special import digamma, gammaln

    p, q, gamma = np.exp(log_parameters)
    shape, together = p * x, gamma + x * mean
    likelihood = (
        gammaln(shape + q) - gammaln(shape) - gammaln(q)
        + q * np.log(gamma) + (shape - 1) * np.log(mean) + shape * np.log(x) - (shape + q) * np.log(together)
    )  # fmt: skip
    joint = digamma(shape + q) - np.log(together)
    gradient = (
        p * x * (joint - digamma(shape) + np.log(mean) + np.log(x)),
        q * (joint - digamma(q) + np.log(gamma)),
        gamma * (q / gamma - (shape + q) / together),
    )
    scale = weights.sum()
    return -float(weights @ likelihood) / scale, np.array([-(weights @ part) / scale for part in gradient])


def fit(x: np.ndarray, mean: np.ndarray, weights: np.ndarray | None = None) -> GammaGamma:
    """Maximum likelihood estimate from customers with x > 0 values of a positive mean.

    Raises:
        ValueError: no such customer, or values that are none.
    """
    from scipy.optimize import minimize

    x, mean = np.asarray(x, dtype="float64"), np.asarray(mean, dtype="float64")
    if not len(x) or not ((x > 0) & (mean > 0) & np.isfinite(x) & np.isfinite(mean)).all():
        raise ValueError("the number of values and their mean must be positive, finite numbers")
    weight = np.ones_like(x) if weights is None else np.asarray(weights, dtype="float64")
    unit = float(np.exp(np.mean(np.log(mean))))  # the search is quickest when values are of the order of 1
    found = minimize(
        _negative_log_likelihood,
        np.log((2.0, 3.0, 2.0)),
        args=(x, mean / unit, weight),
        jac=True,
        method="L-BFGS-B",
        bounds=[(-LOG_BOUND, LOG_BOUND), (np.log(LEAST_Q), LOG_BOUND), (-LOG_BOUND, LOG_BOUND)],
        options={"maxiter": 500, "ftol": 1e-13, "gtol": 1e-8},
    )
    p, q, gamma = (float(value) for value in np.exp(found.x))
    return GammaGamma(p, q, gamma * unit)


def expected_value(model: GammaGamma, x: np.ndarray, total: np.ndarray) -> np.ndarray:
    """Mean value of a customer's purchases to come (equation 5), after x purchases worth `total` together."""
    return model.p * (model.gamma + total) / (model.p * x + model.q - 1)


def value_moments(model: GammaGamma, x: np.ndarray, total: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Second moment of a customer's own mean, and expected variance of one purchase around it."""
    shape, rate = model.p * x + model.q, model.gamma + total
    inverse_square = rate**2 / ((shape - 1) * np.maximum(shape - 2, LEAST_SPARE))
    return model.p**2 * inverse_square, model.p * inverse_square
