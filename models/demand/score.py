"""Intervals from out-of-time errors, and the forecast table itself."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .settings import DemandSettings


def error_quantiles(judged: pd.DataFrame, settings: DemandSettings) -> pd.DataFrame:
    """Lower and upper error per horizon, in units of the series' spread (index horizon).

    Empty when nothing could be judged.
    """
    usable = judged[judged.spread > 0]
    scaled = (usable.units - usable.forecast) / usable.spread
    grouped = scaled.groupby(usable.horizon)
    return pd.DataFrame(
        {"low": grouped.quantile(settings.lower_quantile), "high": grouped.quantile(settings.upper_quantile)}
    )


def interval(rows: pd.DataFrame, point: np.ndarray, quantiles: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper units per row, with 0 <= lower <= point <= upper.

    Where nothing was judged yet the interval is the point plus and minus the spread times the root
    of the horizon (the random-walk rule), widened to the whole point when there is no spread.
    """
    spread = rows["spread"].fillna(0.0).to_numpy()
    if quantiles.empty:
        width = np.where(spread > 0, spread, point) * np.sqrt(rows["horizon"].to_numpy())
        low, high = point - width, point + width
    else:
        low = point + quantiles.low.reindex(rows.horizon).to_numpy() * spread
        high = point + quantiles.high.reindex(rows.horizon).to_numpy() * spread
    return np.clip(np.minimum(low, point), 0.0, None), np.maximum(high, point)


def coverage(rows: pd.DataFrame, settings: DemandSettings) -> float | None:
    """Share of judged weeks inside intervals made only from errors known at their own origin.

    Over every origin by which an older one had ended; None when there is none.
    """
    inside: list[pd.Series] = []
    for origin in sorted(rows.origin.unique()):
        older = rows[rows.origin + settings.horizon_weeks <= origin]
        if older.empty:
            continue
        test = rows[rows.origin == origin]
        low, high = interval(test, test.forecast.to_numpy(), error_quantiles(older, settings))
        inside.append((test.units >= low) & (test.units <= high))
    return float(pd.concat(inside).mean()) if inside else None
