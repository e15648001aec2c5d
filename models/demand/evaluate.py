"""Rolling-origin judgement: forecasts made only from what was known, set beside two naive ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .settings import DemandSettings
from .train import fit

BASELINES = {"last_week": "same as last week", "four_week_mean": "mean of the last four weeks"}


def backtest(rows: pd.DataFrame, last_origin: int, settings: DemandSettings) -> pd.DataFrame:
    """Out-of-time forecasts at the last `judged_origins` origins whose four weeks are over.

    `rows` come from `model_rows` for every origin; `last_origin` is the newest complete week. Each
    block of origins is forecast by a model fitted on weeks up to the block's first origin only.
    Returns the judged rows with a column `forecast`; empty when history is too short.
    """
    newest = last_origin - settings.horizon_weeks
    oldest = max(newest - settings.judged_origins + 1, settings.min_history_weeks)
    blocks = []
    for first in range(oldest, newest + 1, settings.refit_every_weeks):
        model = fit(rows[rows.origin + rows.horizon <= first], settings)
        if model.regressor is None:
            continue
        last = min(first + settings.refit_every_weeks - 1, newest)
        block = rows[(rows.origin >= first) & (rows.origin <= last)]
        blocks.append(block.assign(forecast=model.predict(block)))
    return pd.concat(blocks, ignore_index=True) if blocks else rows.iloc[:0].assign(forecast=[])


def mase(rows: pd.DataFrame, forecast: np.ndarray) -> float:
    """Mean absolute scaled error (Hyndman and Koehler 2006): error over the usual weekly change.

    Each series' scale is its mean absolute weekly change up to the origin, so that fuel, sold by the
    million, does not drown three hundred other categories. Smaller is better.
    """
    usable = (rows.spread > 0).to_numpy()
    error = np.abs(rows.units.to_numpy() - forecast)
    return float(np.mean(error[usable] / rows.spread.to_numpy()[usable]))


def wape(rows: pd.DataFrame, forecast: np.ndarray) -> float:
    """Sum of absolute errors over sum of units: dominated by the largest series. Smaller is better."""
    return float(np.abs(rows.units.to_numpy() - forecast).sum() / max(rows.units.sum(), 1e-9))


def median_wape(rows: pd.DataFrame, forecast: np.ndarray) -> float:
    """The WAPE of the series in the middle. Smaller is better."""
    error = pd.Series(np.abs(rows.units.to_numpy() - forecast)).groupby(rows.series_id.to_numpy()).sum()
    total = rows.groupby("series_id").units.sum()
    return float((error / total)[total > 0].median())


METRICS = {"mase": mase, "wape": wape, "median_series_wape": median_wape}
