"""How well amounts (money, counts) were foreseen: error, bias over all, who was found, whether intervals hold."""

from __future__ import annotations

import math

import numpy as np

# Which of the figures is better high; the bias is best at 0, so it is compared without its sign.
HIGHER_IS_BETTER = {"mae": False, "absolute_bias": False, "top_decile_capture": True}


def _arrays(*values: np.ndarray) -> tuple[np.ndarray, ...]:
    arrays = tuple(np.asarray(one, dtype="float64") for one in values)
    if len({one.shape for one in arrays}) != 1 or arrays[0].ndim != 1:
        raise ValueError("arrays of one length are compared")
    if not len(arrays[0]):
        raise ValueError("nothing to judge: no rows")
    return arrays


def mae(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Mean absolute error, in the unit of the amounts."""
    actual, predicted = _arrays(actual, predicted)
    return math.fsum(np.abs(actual - predicted)) / len(actual)


def bias(actual: np.ndarray, predicted: np.ndarray) -> float:
    """Sum of the predictions over the sum of what happened, less 1; +0.1 is ten per cent too much.

    NaN when nothing happened.
    """
    actual, predicted = _arrays(actual, predicted)
    happened = math.fsum(actual)
    return math.fsum(predicted) / happened - 1 if happened else math.nan


def capture(actual: np.ndarray, predicted: np.ndarray, share: float = 0.1) -> float:
    """Part of what the truly best `share` of customers brought that the best `share` by prediction brought, to 1.

    Ties at the cut count in proportion, so the order of the rows does not matter. NaN when the best brought nothing.
    """
    actual, predicted = _arrays(actual, predicted)
    take = max(1, int(len(actual) * share))
    cut = np.sort(predicted)[::-1][take - 1]
    above, tied = predicted > cut, predicted == cut
    found = math.fsum(actual[above]) + math.fsum(actual[tied]) / tied.sum() * (take - above.sum())
    best = math.fsum(np.sort(actual)[::-1][:take])
    return float(found / best) if best > 0 else math.nan


def coverage(actual: np.ndarray, low: np.ndarray, high: np.ndarray) -> float:
    """Share of what happened that lies within its interval, ends included."""
    actual, low, high = _arrays(actual, low, high)
    return float(np.mean((actual >= low) & (actual <= high)))


def measure(actual: np.ndarray, predicted: np.ndarray, share: float = 0.1) -> dict[str, float]:
    """MAE, bias, its absolute value, and capture of the top `share`."""
    off = bias(actual, predicted)
    return {
        "mae": mae(actual, predicted),
        "bias": off,
        "absolute_bias": abs(off),
        "top_decile_capture": capture(actual, predicted, share),
    }


def leads(
    actual: np.ndarray, mine: np.ndarray, other: np.ndarray, draws: int = 200, seed: int = 2017
) -> dict[str, tuple[float, float]]:
    """95 % percentile interval of the lead of `mine` over `other` in each of HIGHER_IS_BETTER; above 0 it is better.

    Both are judged on the same rows drawn with replacement (one row per customer), so their difference is far surer
    than either figure.
    """
    actual, mine, other = _arrays(actual, mine, other)
    random = np.random.default_rng(seed)
    found: dict[str, list[float]] = {metric: [] for metric in HIGHER_IS_BETTER}
    for _ in range(draws):
        rows = random.integers(0, len(actual), len(actual))
        ours, theirs = (measure(actual[rows], said[rows]) for said in (mine, other))
        for metric, higher in HIGHER_IS_BETTER.items():
            found[metric].append((ours[metric] - theirs[metric]) * (1 if higher else -1))
    return {metric: tuple(np.nanquantile(values, (0.025, 0.975)).tolist()) for metric, values in found.items()}


def deciles(actual: np.ndarray, predicted: np.ndarray, parts: int = 10) -> np.ndarray:
    """Mean prediction and mean of what happened by tenths of the prediction; shape (parts, 2), lowest first.

    Rows of equal prediction share what happened to them, so the order of the rows does not matter.
    """
    actual, predicted = _arrays(actual, predicted)
    values, place, count = np.unique(predicted, return_inverse=True, return_counts=True)
    shared = (np.bincount(place, weights=actual) / count)[place]
    order = np.argsort(predicted, kind="stable")
    cells = np.array_split(order, parts)
    return np.array(
        [[predicted[rows].mean(), shared[rows].mean()] if len(rows) else [np.nan, np.nan] for rows in cells]
    )
