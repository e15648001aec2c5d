"""Population stability index: how far the distribution of a column moved, beyond what the calendar alone does."""

from __future__ import annotations

import numpy as np

from .settings import ScorecardSettings

# A bin without rows would make the index infinite; half a row is the usual stand-in.
_STAND_IN_ROWS = 0.5


def population_stability(reference: np.ndarray, current: np.ndarray, bins: int = 10) -> float:
    """Sum over bins of (p - q) ln(p / q), p and q the shares of `current` and `reference` (Siddiqi 2006).

    Bins are tenths of the reference; a value that is so frequent that it fills tenths has a bin of its own, and what
    is missing or no number is a bin too. Without any drift chance gives about (bins - 1) (1/n + 1/m). Nan without rows.
    """
    reference, current = (np.asarray(values, dtype="float64") for values in (reference, current))
    if not len(reference) or not len(current):
        return float("nan")
    known = np.sort(reference[np.isfinite(reference)])
    edges = np.unique(known[(np.arange(1, bins) * len(known)) // bins]) if len(known) else np.empty(0)
    counts = [_counts(values, edges) for values in (current, reference)]
    filled = (counts[0] + counts[1]) > 0
    p, q = (np.maximum(count[filled], _STAND_IN_ROWS) for count in counts)
    p, q = p / p.sum(), q / q.sum()
    return float(((p - q) * np.log(p / q)).sum())


def moved_by_time(before: np.ndarray, after: np.ndarray, days: int, settings: ScorecardSettings | None = None) -> int:
    """What the calendar alone added to a column in `days`: `days`, -`days`, or 0 when it is no count of days.

    `before` and `after` hold the values of the same customers, one beside the other. A column that went up (or down,
    such as days until a contract ends) by exactly the days between for nearly everybody tells the date, not the
    customers: take this off before two dates are compared, and what is left is who came and who went.
    """
    settings = settings or ScorecardSettings()
    before, after = (np.asarray(values, dtype="float64") for values in (before, after))
    known = np.isfinite(before) & np.isfinite(after)
    if days == 0 or not known.any():
        return 0
    moved = after[known] - before[known]
    return next((by for by in (days, -days) if np.mean(moved == by) >= settings.drift_clock_share), 0)


def _counts(values: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """Rows per bin (below, at and between the edges), the last bin holding what is missing."""
    finite = values[np.isfinite(values)]
    place = np.searchsorted(edges, finite, side="left") + np.searchsorted(edges, finite, side="right")
    return np.r_[np.bincount(place, minlength=2 * len(edges) + 1), len(values) - len(finite)].astype("float64")


def verdict(index: float, settings: ScorecardSettings | None = None) -> str:
    """`stable`, `moderate` or `large`; `unknown` where it could not be computed."""
    settings = settings or ScorecardSettings()
    if not np.isfinite(index):
        return "unknown"
    return "large" if index >= settings.drift_large else "moderate" if index >= settings.drift_moderate else "stable"
