"""The challenger: gradient-boosted trees that learn, from past days, where the published models go wrong.

The trees foresee the factor between what happened and what BG/NBD with Gamma-Gamma had expected (a Poisson loss with
the expectation as exposure). A factor is alike for large and small customers and for short and long histories, so a
few past origins teach enough; foreseeing amounts instead judged one per cent worse at 30 days and five at 90.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from .history import WINDOWS_DAYS
from .outlook import Outlook
from .settings import LifetimeValueSettings

# Expectations below these are nothing: a factor of them would be noise divided by zero.
LEAST_PURCHASES, LEAST_USD = 1e-3, 1e-2


def inputs(customers: pd.DataFrame, alive: np.ndarray, purchases: Outlook, spend: Outlook, ahead: int) -> np.ndarray:
    """What the trees look at, shape (customers, inputs): purchases of late against those expected, row by row."""
    total = customers["T"].to_numpy()
    rate = np.maximum(purchases.mean, LEAST_PURCHASES) / ahead
    money = np.maximum(spend.mean, LEAST_USD) / ahead
    columns = [
        alive,
        np.log(money),
        np.log(rate),
        total,
        total - customers["t_x"].to_numpy(),
        (total - customers["t_x"].to_numpy()) * rate,
        customers["purchases"].to_numpy("float64"),
        money / rate,
    ]
    for days in WINDOWS_DAYS:
        seen = np.minimum(days, total + 1)
        columns.append(customers[f"purchases_{days}d"].to_numpy("float64") / seen / rate)
        columns.append(customers[f"spend_{days}d"].to_numpy("float64") / seen / money)
    return np.column_stack(columns).astype("float32")


@dataclass(frozen=True)
class Boosted:
    """Two fitted ensembles, for the factors of purchases and of spend, and the cuts of their inputs."""

    purchases: Any
    spend: Any
    cuts: list[np.ndarray]

    def means(self, table: np.ndarray, purchases: Outlook, spend: Outlook) -> tuple[np.ndarray, np.ndarray]:
        """Expected purchases and spend per row of `inputs`, with what the published models expect of them."""
        steps = _steps(table, self.cuts)
        with threadpool_limits(1):
            return (
                self.purchases.predict(steps) * np.maximum(purchases.mean, LEAST_PURCHASES),
                self.spend.predict(steps) * np.maximum(spend.mean, LEAST_USD),
            )


def _steps(table: np.ndarray, cuts: list[np.ndarray]) -> np.ndarray:
    """Number of the quantile step per value: few distinct values, which the trees' own binning takes as they are."""
    return np.column_stack([np.searchsorted(cut, table[:, place]) for place, cut in enumerate(cuts)]).astype("float32")


def fit(
    table: np.ndarray,
    expected: tuple[np.ndarray, np.ndarray],
    happened: tuple[np.ndarray, np.ndarray],
    settings: LifetimeValueSettings,
) -> Boosted:
    """Fitted on rows of `inputs`; expected and happened are (purchases, spend) of these rows."""
    from sklearn.ensemble import HistGradientBoostingRegressor

    levels = np.linspace(0, 1, settings.input_steps + 1)[1:-1]
    cuts = [np.unique(np.quantile(table[:, place], levels)) for place in range(table.shape[1])]
    steps = _steps(table, cuts)
    fitted = []
    for mean, outcome, least in zip(expected, happened, (LEAST_PURCHASES, LEAST_USD), strict=True):
        exposure = np.maximum(mean, least)
        trees = HistGradientBoostingRegressor(
            loss="poisson",
            max_iter=settings.trees,
            learning_rate=settings.learning_rate,
            max_leaf_nodes=settings.leaves,
            min_samples_leaf=settings.min_leaf_rows,
            early_stopping=False,
            random_state=settings.seed,
        )
        with threadpool_limits(1):
            # Returns can outweigh purchases in a window; nobody is expected to bring less than nothing.
            fitted.append(trees.fit(steps, np.maximum(outcome, 0.0) / exposure, sample_weight=exposure))
    return Boosted(fitted[0], fitted[1], cuts)
