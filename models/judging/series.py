"""How well series were foreseen: scaled errors, weighted as in M5, bias, and whether intervals hold.

Arrays are (rows, series) or (origins, horizon, series); NaN in `actual` is not judged. Scaled errors (Hyndman and
Koehler 2006) divide by what a naive forecast erred within the series' own past, so that series of any size compare.
"""

from __future__ import annotations

import math

import numpy as np

HIGHER_IS_BETTER = {"mase": False, "rmsse": False, "wrmsse": False, "absolute_bias": False}


def _mean_known(values: np.ndarray, axis: int) -> np.ndarray:
    known = ~np.isnan(values)
    count = known.sum(axis=axis)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.where(count > 0, np.where(known, values, 0.0).sum(axis=axis) / count, np.nan)


def rmsse(actual: np.ndarray, predicted: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Root mean squared scaled error over axis -2; `scale` is the mean squared change of each series before.

    NaN where nothing was observed or the series never changed before.
    """
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return np.sqrt(_mean_known((actual - predicted) ** 2, -2) / np.where(scale > 0, scale, np.nan))


def mase(actual: np.ndarray, predicted: np.ndarray, scale: np.ndarray) -> np.ndarray:
    """Mean absolute scaled error over axis -2; `scale` is the mean absolute change of each series before."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        return _mean_known(np.abs(actual - predicted), -2) / np.where(scale > 0, scale, np.nan)


def weighted(errors: np.ndarray, weights: np.ndarray, levels: np.ndarray) -> float:
    """WRMSSE of one origin from the RMSSE of each series: weighted mean within each level, plain mean of the levels.

    M5 competitors' guide (2020): the weight is the series' share of its level's value in the last 28 days. A series
    without an error does not count; a level without any counts for nothing. NaN when no level can be judged.
    """
    found = []
    for level in np.unique(levels):
        mine = (levels == level) & ~np.isnan(errors) & (weights > 0)
        total = math.fsum(weights[mine])
        if total > 0:
            found.append(math.fsum(errors[mine] * weights[mine]) / total)
    return math.fsum(found) / len(found) if found else math.nan


def wrmsse(
    actual: np.ndarray,
    predicted: np.ndarray,
    scale: np.ndarray,
    weights: np.ndarray,
    levels: np.ndarray,
    clip: float = math.inf,
) -> float:
    """Mean over origins of the WRMSSE; actual and predicted (origins, horizon, series), the others (origins, series).

    `levels` names each series' level of the hierarchy. A series' error counts for `clip` at most. NaN when nothing can
    be judged.
    """
    errors = np.minimum(rmsse(actual, predicted, scale), clip)
    each = [weighted(row, weights[place], levels) for place, row in enumerate(errors)]
    known = [one for one in each if not math.isnan(one)]
    return math.fsum(known) / len(known) if known else math.nan


def bias(actual: np.ndarray, predicted: np.ndarray, scale: np.ndarray) -> float:
    """Mean scaled error: sum of forecast less actual over the root of the scale, per judged amount; best at 0."""
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        error = (predicted - actual) / np.sqrt(np.where(scale > 0, scale, np.nan))[..., None, :]
    known = error[~np.isnan(error)]
    return math.fsum(known) / len(known) if len(known) else math.nan


def coverage(actual: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Share of observed amounts within their interval, ends included; NaN when nothing was observed."""
    known = ~np.isnan(actual) & ~np.isnan(low)
    if not known.any():
        return math.nan
    return float(np.mean((actual[known] >= low[known]) & (actual[known] <= high[known])))


def interval_score(
    actual: np.ndarray, low: np.ndarray, high: np.ndarray, share: float, scale: np.ndarray
) -> np.ndarray:
    """Mean scaled interval score over axis -2: width plus 2 / (1 - share) times the distance of what lies outside.

    Gneiting and Raftery (2007), proper for intervals that leave half of 1 - share out on each side; scaled like MASE
    (as in the M4 competition), so neither a wide nor a missing interval passes. Lower is better.
    """
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        outside = np.maximum(low - actual, 0.0) + np.maximum(actual - high, 0.0)
        score = (high - low) + 2.0 / (1.0 - share) * outside
        return _mean_known(score, -2) / np.where(scale > 0, scale, np.nan)
