"""One gradient-boosted model over all series, horizons as an input (direct, not recursive)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.ensemble import HistGradientBoostingRegressor
from threadpoolctl import threadpool_limits

from .settings import DemandSettings

NOT_INPUTS = {"series_id", "origin", "level", "spread", "history", "last_week", "four_week_mean", "units"}


@dataclass(frozen=True)
class DemandModel:
    """Fitted trees and the columns they were fitted on; `regressor` is None when data were too thin."""

    regressor: HistGradientBoostingRegressor | None
    columns: list[str]

    def predict(self, rows: pd.DataFrame) -> np.ndarray:
        """Weekly units per row, never negative."""
        if self.regressor is None or rows.empty:
            return rows["four_week_mean"].to_numpy("float64")
        with threadpool_limits(1):
            distance = self.regressor.predict(rows[self.columns])
        return np.maximum(centre(rows) + distance * rows["spread"].to_numpy(), 0.0)


def centre(rows: pd.DataFrame) -> np.ndarray:
    """What the trees correct, in units: half the last four weeks, half the level."""
    return 0.5 * (rows["four_week_mean"] + rows["level"]).to_numpy()


def fit(rows: pd.DataFrame, settings: DemandSettings) -> DemandModel:
    """Fit on rows of `model_rows` whose `units` are known.

    The target is the distance from the centre in spreads of the series, so the trees minimise MASE
    itself. One thread: with two the trees are the same, but a busy machine takes many times longer.
    """
    rows = rows[rows.units.notna()]
    if len(rows) < settings.min_training_rows:
        return DemandModel(None, [])
    inputs = [c for c in rows.columns if c not in NOT_INPUTS]
    columns = [c for c in inputs if rows[c].notna().mean() >= settings.min_known_share and rows[c].nunique() > 1]
    target = ((rows.units - centre(rows)) / rows.spread).clip(-settings.target_clip, settings.target_clip)
    regressor = HistGradientBoostingRegressor(
        loss="absolute_error",
        max_iter=settings.trees,
        learning_rate=settings.learning_rate,
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=min(settings.min_leaf_rows, max(5, len(rows) // 20)),
        l2_regularization=1.0,
        early_stopping=False,
        random_state=settings.seed,
    )
    with threadpool_limits(1):
        regressor.fit(rows[columns], target)
    return DemandModel(regressor, columns)
