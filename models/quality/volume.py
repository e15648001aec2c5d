"""How many rows a night should bring: by weekday, robust against single odd nights, wide for small counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import sqrt

import numpy as np

from models.quality.settings import WatchSettings

_WEEK = 7
# Seven weekdays and a level are fitted to four weeks of nights, so what is left over looks calmer than it is.
_FITTED = 1.5


@dataclass(frozen=True)
class Expectation:
    """Expected rows with the range that counts as usual."""

    rows: float
    low: float
    high: float


def expected_rows(
    nights: Sequence[tuple[date, float]], tonight: date, days: int, settings: WatchSettings
) -> Expectation | None:
    """Rows that the `days` days up to `tonight` should bring.

    Whole weeks before tonight give the level (median of the newest three) and each weekday's share (median over the
    weeks). Counts are compared as square roots, where chance has the same size at every level (Anscombe 1948), and the
    range is as wide as the nights before were restless.

    Args:
        nights: (night, rows that came in the one day before it), without nights that followed a gap.
        tonight: the night to judge.
        days: days since the night before.
        settings: thresholds.

    Returns:
        None when no week is complete and too few nights are known.
    """
    by_day = dict(nights)
    weeks = [
        [by_day.get(tonight - timedelta(_WEEK * week + day)) for day in range(1, _WEEK + 1)]
        for week in range(settings.nights // _WEEK)
    ]
    whole = [np.array(week, dtype=float) for week in weeks if all(rows is not None for rows in week)]
    if not whole:
        return (
            _without_weekdays(list(by_day.values()), days, settings) if len(by_day) >= settings.fewest_nights else None
        )
    totals = np.array([week.sum() for week in whole])
    level = float(np.median(totals[:3]))
    if not level:
        return _range(0.0, 1.0, settings.smallest_change, settings)
    shares = np.median([week / total for week, total in zip(whole, totals, strict=True) if total], axis=0)
    shares = shares / shares.sum() if shares.sum() else np.full(_WEEK, 1 / _WEEK)
    residuals = np.concatenate([_roots(week, shares * total) for week, total in zip(whole, totals, strict=True)])
    # One week says little of how restless the weeks are.
    least = 1.0 if len(whole) > 1 else 2.0
    spread = max(least, _FITTED * _deviation(residuals)) * sqrt(1 + 1 / len(whole))
    # shares[0] is the weekday of the day before tonight, shares[6] tonight's own; days run backwards from tonight.
    expected = level * sum(shares[(day - 1) % _WEEK] for day in range(days))
    change = settings.smallest_change * (1 + 1 / len(whole)) / 1.25
    return _range(float(expected), spread, change, settings)


def _without_weekdays(rows: list[float], days: int, settings: WatchSettings) -> Expectation:
    level = float(np.median(rows))
    spread = max(1.0, _deviation(_roots(np.array(rows), np.full(len(rows), level))))
    return _range(level * days, spread, 2 * settings.smallest_change, settings)


def _range(expected: float, spread: float, change: float, settings: WatchSettings) -> Expectation:
    half = settings.deviations * spread / 2
    root = sqrt(expected + 3 / 8)
    low = min(max(root - half, 0.0) ** 2 - 3 / 8, expected * (1 - change), expected - settings.fewest_rows)
    high = max((root + half) ** 2 - 3 / 8, expected * (1 + change), expected + settings.fewest_rows)
    return Expectation(expected, max(low, 0.0), high)


def _roots(found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    return 2 * (np.sqrt(found + 3 / 8) - np.sqrt(expected + 3 / 8))


def _deviation(residuals: np.ndarray) -> float:
    return 1.4826 * float(np.median(np.abs(residuals - np.median(residuals))))
