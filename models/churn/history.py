"""What BG/NBD makes of a customer's whole history, as two more columns: orders to come, and whether they still buy.

The four parameters are those of all customers known at a date, active or not; a row's columns follow from the row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..lifetime_value import bg_nbd, counts
from .features import EXPECTED_ORDERS, STILL_BUYS, number

# The days that BG/NBD looks ahead; only the order of customers counts, the regressions set the scale.
_AHEAD_DAYS = 28.0
# Odds beyond a million to one say no more.
_LEAST_CHANCE = 1e-6
# Purchases of this many customers give the four parameters of BG/NBD to two digits.
_MOST_ROWS = 20_000


def log_odds(chance: np.ndarray) -> np.ndarray:
    """ln of p / (1 - p), no further from 0 than a chance of one in a million."""
    chance = np.clip(chance, _LEAST_CHANCE, 1 - _LEAST_CHANCE)
    return np.log(chance) - np.log1p(-chance)


def summary(features: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Repeat purchase days, days from first to last, and from first to as_of, as BG/NBD counts them."""
    tenure, recency = number(features, "tenure_days"), number(features, "recency_days")
    repeats = np.maximum(number(features, "order_days_ever") - 1, 0)
    return repeats, np.where(repeats > 0, np.maximum(tenure - recency, 0), 0.0), tenure


@dataclass(frozen=True)
class History:
    """BG/NBD as of a date; None where nobody had bought twice."""

    population: bg_nbd.BGNBD | None

    def add(self, features: pd.DataFrame) -> pd.DataFrame:
        """The rows with both columns; as they are where the population says nothing."""
        if self.population is None:
            return features
        alike, place = np.unique(np.column_stack(summary(features)), axis=0, return_inverse=True)
        orders = counts.expected_purchases(self.population, *alike.T, _AHEAD_DAYS)
        alive = bg_nbd.probability_alive(self.population, *alike.T)
        values = {EXPECTED_ORDERS: np.log(orders + _LEAST_CHANCE), STILL_BUYS: log_odds(alive)}
        return features.assign(**{name: value[place] for name, value in values.items()})


def fit_history(everyone: pd.DataFrame) -> History:
    """Fitted to all customers known at the newest date of `everyone`."""
    newest = everyone[everyone.as_of == everyone.as_of.max()]
    newest = newest.iloc[:: max(1, -(-len(newest) // _MOST_ROWS))]
    if newest.empty or "order_days_ever" not in newest.columns:
        return History(None)
    alike, count = np.unique(np.column_stack(summary(newest)), axis=0, return_counts=True)
    try:
        return History(bg_nbd.fit(*alike.T, weights=count.astype("float64")))
    except bg_nbd.NoRepeatPurchaseError:
        return History(None)
