"""Naive forecasts: the same season before, else the last period; and moving means."""

from __future__ import annotations

import numpy as np

WINDOWS = (4, 8, 13, 26)


def last_known(amounts: np.ndarray) -> np.ndarray:
    """The newest observed value at every period, (periods, nodes); 0 before the first."""
    place = np.where(~np.isnan(amounts), np.arange(len(amounts))[:, None], -1)
    place = np.maximum.accumulate(place, axis=0)
    return np.where(place >= 0, np.take_along_axis(amounts, np.maximum(place, 0), axis=0), 0.0)


def seasonal(amounts: np.ndarray, origins: np.ndarray, horizon: int, season: int) -> np.ndarray:
    """Forecasts (origins, horizon, nodes): the observed value of the same season before, else the last one known."""
    out = np.repeat(last_known(amounts)[origins][:, None], horizon, axis=1)
    ahead = np.arange(1, horizon + 1)
    back = season * ((ahead + season - 1) // season)
    source = origins[:, None] + (ahead - back)[None, :]
    before = np.where((source >= 0)[..., None], amounts[np.maximum(source, 0)], np.nan)
    return np.where(np.isnan(before), out, before)


def moving_means(amounts: np.ndarray, origins: np.ndarray, horizon: int, window: int) -> np.ndarray:
    """Forecasts (origins, horizon, nodes): mean of the observed ones of the last `window` periods, 0 without any."""
    told = np.cumsum(~np.isnan(amounts), axis=0).astype("float64")
    total = np.cumsum(np.nan_to_num(amounts), axis=0)
    for cumulated in (told, total):
        cumulated[window:] -= cumulated[:-window].copy()
    mean = np.where(told[origins] > 0, total[origins] / np.maximum(told[origins], 1.0), 0.0)
    # The difference of two large sums can miss zero by their rounding.
    return np.repeat(np.maximum(mean, 0.0)[:, None], horizon, axis=1)
