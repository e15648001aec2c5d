"""What the churn model has to beat: rules of thumb and the classic model, each as a calibrated probability.

Every baseline is one or a few numbers per customer through a logistic regression, so that it competes with its best
foot forward and not on a scale of its own.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from .features import EXPECTED_ORDERS, STILL_BUYS, TARGET, number
from .logistic import Logistic, fit_logistic

RECENCY, RFM = "recency alone", "RFM logistic regression"
ALIVE, ORDERS = "BG/NBD P(alive)", "BG/NBD expected orders"
CONSTANT = "constant rate"

_RFM_READS = ("recency_days", "orders_84d", "spend_84d", "orders_364d", "spend_364d")


def logarithms(features: pd.DataFrame, names: tuple[str, ...]) -> np.ndarray:
    """ln(1 + x) of the columns, (rows, names); what is missing or below 0 counts as 0."""
    return np.column_stack([np.log1p(number(features, name)) for name in names])


def _recency(features: pd.DataFrame) -> np.ndarray:
    return logarithms(features, ("recency_days",))


def _rfm(features: pd.DataFrame) -> np.ndarray:
    return logarithms(features, _RFM_READS)


def _alive(features: pd.DataFrame) -> np.ndarray:
    return features[[STILL_BUYS]].to_numpy("float64")


def _orders(features: pd.DataFrame) -> np.ndarray:
    return features[[EXPECTED_ORDERS]].to_numpy("float64")


_HISTORICAL = {ALIVE: ((STILL_BUYS,), _alive), ORDERS: ((EXPECTED_ORDERS,), _orders)}
_PLAIN = {RECENCY: (("recency_days",), _recency), RFM: (_RFM_READS, _rfm)}


def constant(target: np.ndarray) -> Logistic:
    """The rate itself, drawn towards one half (Laplace): never a certain 0 or 1 from few rows."""
    rate = (target.sum() + 1) / (len(target) + 2)
    nothing = np.empty(0)
    return Logistic(CONSTANT, (), _recency, nothing, nothing, nothing, float(np.log(rate / (1 - rate))))


def fit_baselines(rows: pd.DataFrame) -> list[Logistic]:
    """All baselines of labelled `rows`; one constant rate where they hold one outcome only.

    Rows come with the columns of `History.add`; without them the two that need BG/NBD are left out.
    """
    target = rows[TARGET].to_numpy("int64")
    if len(np.unique(target)) < 2:
        return [constant(target)]
    chosen = _PLAIN | (_HISTORICAL if EXPECTED_ORDERS in rows.columns else {})
    return [fit_logistic(name, reads, inputs, rows, target) for name, (reads, inputs) in chosen.items()]
