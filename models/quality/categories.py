"""Has the mix of a category's values shifted? The population stability index, with chance allowed for."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt

import numpy as np
import pandas as pd

from models.quality.profile import OTHER
from models.quality.settings import WatchSettings

_DEVIATIONS = 4.753  # one in a million: of some 100 indices a night, one in 10,000 nights is odd by chance alone


def shift(
    shares: pd.DataFrame, rows: Sequence[float], tonight: pd.Series, rows_tonight: float, settings: WatchSettings
) -> tuple[float, float, str]:
    """How far tonight's mix is from the mix of the nights before.

    Args:
        shares: shares of the nights before, one row per night, one column per category; missing is 0.
        rows: rows behind each of these nights.
        tonight: shares of tonight by category.
        rows_tonight: rows behind them.
        settings: thresholds.

    Returns:
        The index, the greatest index that counts as usual, and the category that changed most.
    """
    weights = np.asarray(rows, dtype=float)
    names = sorted((set(shares) | set(tonight.index)) - {OTHER})
    before = shares.reindex(columns=names).fillna(0.0).to_numpy()
    found = tonight.reindex(names).fillna(0.0).to_numpy()
    usual = np.average(before, axis=0, weights=weights) if names else found
    # A value too rare to be kept on some nights flips between its own name and the rest: it always counts as the rest.
    fewest = min(rows_tonight, float(weights.min()))
    named = np.maximum(usual, found) * fewest >= settings.expected_in_a_category
    before, found, usual = _with_rest(before[:, named]), _with_rest(found[named]), _with_rest(usual[named])
    parts = _parts(found, usual, rows_tonight)
    nights = _parts(before, usual, weights[:, None]).sum(axis=1)
    usual_shift = np.median(nights)
    restless = 1.4826 * np.median(np.abs(nights - usual_shift))
    allowed = max(
        settings.least_psi,
        _by_chance(int(named.sum()), rows_tonight, weights.sum()),
        float(usual_shift + settings.deviations * (1 + 4 / len(nights)) * restless),
        float(np.sort(nights)[-2]) * 1.25 if len(nights) > 1 else 0.0,
    )
    most = [*np.array(names, dtype=object)[named], OTHER][int(parts.argmax())]
    return float(parts.sum()), allowed, str(most)


def _with_rest(shares: np.ndarray) -> np.ndarray:
    """The shares with a last one for all that is not named."""
    rest = np.clip(1 - shares.sum(axis=-1, keepdims=True), 0.0, None)
    return np.concatenate([shares, rest], axis=-1)


def _parts(found: np.ndarray, usual: np.ndarray, rows: float | np.ndarray) -> np.ndarray:
    """Each category's part of the index; half a row stands for none, so that no logarithm is infinite."""
    least = 0.5 / np.maximum(rows, 1.0)
    found, usual = np.maximum(found, least), np.maximum(usual, least)
    return (found - usual) * np.log(found / usual)


def _by_chance(degrees: int, rows: float, rows_before: float) -> float:
    """What the index of equal mixes stays below but for one case in a million (Yurdakul and Naranjo 2020).

    The quantile of chi-square is Wilson and Hilferty's (1931), a little too wide so far out, and no import of seconds.
    """
    freedom = max(degrees, 1)
    quantile = freedom * (1 - 2 / (9 * freedom) + _DEVIATIONS * sqrt(2 / (9 * freedom))) ** 3
    return quantile * (1 / max(rows, 1.0) + 1 / max(rows_before, 1.0))
