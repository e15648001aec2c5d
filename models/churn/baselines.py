"""What the churn model has to beat: rules of thumb and the classic model, each as a calibrated probability.

Every baseline is one or a few numbers per customer through a logistic regression, so that it competes with its best
foot forward and not on a scale of its own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..lifetime_value import bg_nbd
from .features import TARGET, number

RECENCY, RFM = "recency alone", "RFM logistic regression"
ALIVE, ORDERS = "BG/NBD P(alive)", "BG/NBD expected orders"
CONSTANT = "constant rate"

# The days that BG/NBD looks ahead; only the order of customers counts, the regression sets the scale.
_AHEAD_DAYS = 28.0
# Odds beyond a million to one say no more.
_LEAST_CHANCE = 1e-6
# Purchases of this many customers give the four parameters of BG/NBD to two digits.
_BG_NBD_ROWS = 20_000

Inputs = Callable[[pd.DataFrame], np.ndarray]


@dataclass(frozen=True)
class Baseline:
    """A few numbers per customer and the logistic curve through them."""

    name: str
    inputs: Inputs
    centre: np.ndarray
    scale: np.ndarray
    slopes: np.ndarray
    intercept: float

    def probability(self, features: pd.DataFrame) -> np.ndarray:
        """Churn probability per row, each row on its own."""
        odds = np.full(len(features), self.intercept)
        if len(self.slopes):
            values = (self.inputs(features) - self.centre) / self.scale
            for column, slope in enumerate(self.slopes):
                odds = odds + slope * values[:, column]
        return 1 / (1 + np.exp(-odds))


def _recency(features: pd.DataFrame) -> np.ndarray:
    return np.log1p(number(features, "recency_days"))[:, None]


def _rfm(features: pd.DataFrame) -> np.ndarray:
    names = ("recency_days", "orders_84d", "spend_84d", "orders_364d", "spend_364d")
    return np.column_stack([np.log1p(number(features, name)) for name in names])


def summary(features: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat purchase days, days from first to last, and from first to as_of, as BG/NBD counts them."""
    tenure, recency = number(features, "tenure_days"), number(features, "recency_days")
    repeats = np.maximum(number(features, "order_days_ever") - 1, 0)
    return repeats, np.where(repeats > 0, np.maximum(tenure - recency, 0), 0.0), tenure


def _bg_nbd(everyone: pd.DataFrame) -> bg_nbd.BGNBD | None:
    """BG/NBD of all customers known at the newest date; None where nobody bought twice."""
    newest = everyone[everyone.as_of == everyone.as_of.max()]
    newest = newest.iloc[:: max(1, -(-len(newest) // _BG_NBD_ROWS))]
    if newest.empty or "order_days_ever" not in newest.columns:
        return None
    alike, count = np.unique(np.column_stack(summary(newest)), axis=0, return_counts=True)
    try:
        return bg_nbd.fit(*alike.T, weights=count.astype("float64"))
    except bg_nbd.NoRepeatPurchaseError:
        return None


def log_odds(chance: np.ndarray) -> np.ndarray:
    """ln of p / (1 - p), no further from 0 than a chance of one in a million."""
    chance = np.clip(chance, _LEAST_CHANCE, 1 - _LEAST_CHANCE)
    return np.log(chance) - np.log1p(-chance)


def _logistic(name: str, inputs: Inputs, rows: pd.DataFrame, target: np.ndarray) -> Baseline:
    from sklearn.linear_model import LogisticRegression

    values = inputs(rows)
    centre, scale = values.mean(axis=0), values.std(axis=0)
    scale[scale < 1e-12] = 1.0
    fitted = LogisticRegression(solver="newton-cholesky").fit((values - centre) / scale, target)
    return Baseline(name, inputs, centre, scale, fitted.coef_[0], float(fitted.intercept_[0]))


def constant(target: np.ndarray) -> Baseline:
    """The rate itself, drawn towards one half (Laplace): never a certain 0 or 1 from few rows."""
    rate = (target.sum() + 1) / (len(target) + 2)
    nothing = np.empty(0)
    return Baseline(CONSTANT, _recency, nothing, nothing, nothing, float(np.log(rate / (1 - rate))))


def fit_rfm(rows: pd.DataFrame) -> Baseline:
    """The RFM regression of labelled `rows` that hold both outcomes."""
    return _logistic(RFM, _rfm, rows, rows[TARGET].to_numpy("int64"))


def fit_baselines(rows: pd.DataFrame, everyone: pd.DataFrame) -> list[Baseline]:
    """All baselines of labelled `rows`; one constant rate where they hold one outcome only.

    everyone: features of all customers known at the date for which the baselines are fitted, for BG/NBD.
    """
    target = rows[TARGET].to_numpy("int64")
    if len(np.unique(target)) < 2:
        return [constant(target)]
    chosen: dict[str, Inputs] = {RECENCY: _recency, RFM: _rfm}
    people = _bg_nbd(everyone)
    if people is not None:
        chosen[ALIVE] = lambda features: log_odds(bg_nbd.probability_alive(people, *summary(features)))[:, None]
        chosen[ORDERS] = lambda features: np.log(
            bg_nbd.expected_purchases(people, *summary(features), _AHEAD_DAYS) + _LEAST_CHANCE
        )[:, None]
    return [_logistic(name, inputs, rows, target) for name, inputs in chosen.items()]
