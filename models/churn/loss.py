"""The money at stake: what a customer would spend in the window if they stay, each row on its own.

Fitted on those who stayed, because those who left spent nothing and would only repeat the churn probability.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .features import SPEND, TARGET, number

# Spend per four weeks over the last month, the last quarter, the quarter before, and a usual basket.
_MOST_USD = 1e9  # no customer spends more; what says so is a mistake of the till
_PARTS = (("spend_28d", 1.0), ("spend_84d", 3.0), ("spend_prior_84d", 3.0), ("basket_usd", 1.0))


@dataclass(frozen=True)
class SpendIfStays:
    """A weighted sum of what the customer spent lately; no weight and no answer is below zero."""

    base_usd: float
    weights: tuple[float, ...]

    def expect(self, features: pd.DataFrame) -> np.ndarray:
        """US dollars in the window, per row, 0 or more, never infinite."""
        parts = _parts(features)
        expected = np.full(len(features), self.base_usd)
        for column, weight in enumerate(self.weights):
            expected = expected + weight * parts[:, column]
        return expected


def _parts(features: pd.DataFrame) -> np.ndarray:
    parts = np.zeros((len(features), len(_PARTS)))
    for column, (name, share) in enumerate(_PARTS):
        parts[:, column] = np.minimum(number(features, name), _MOST_USD) / share
    return parts


def fit_spend(rows: pd.DataFrame) -> SpendIfStays:
    """Non-negative least squares on labelled rows that stayed; zero where there are none.

    Rows are weighted by the inverse of their own spend level, or the largest customers would decide alone; a last
    factor makes the sum right.
    """
    if SPEND not in rows.columns:
        return SpendIfStays(0.0, (0.0,) * len(_PARTS))
    stayed = (rows[TARGET] == 0) & rows[SPEND].notna()
    if not stayed.any():
        return SpendIfStays(0.0, (0.0,) * len(_PARTS))
    from scipy.optimize import nnls

    spent = number(rows[stayed], SPEND)
    parts = np.column_stack([_parts(rows[stayed]), np.ones(int(stayed.sum()))])
    weight = 1 / (parts.mean(axis=1) + max(float(np.median(spent)), 1.0))
    found = nnls(parts * weight[:, None], spent * weight)[0]
    total = float((parts * found).sum())
    found = found * (float(spent.sum()) / total if total > 0 else 1.0)
    return SpendIfStays(float(found[-1]), tuple(float(value) for value in found[:-1]))
