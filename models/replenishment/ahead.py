"""Expected demand and its variance day by day, from weekly forecasts with 80 % intervals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from .settings import ReplenishmentSettings

# The upper end of an 80 % interval is the 90 % quantile: that many standard deviations above the mean if normal.
_Z_90 = 1.2815515655446004
_WEEK = 7


@dataclass(frozen=True)
class Ahead:
    """series: names in order. mean, variance: (series, days), of each day after as_of, units and squared units."""

    series: np.ndarray
    mean: np.ndarray
    variance: np.ndarray


def days_ahead(forecast: pd.DataFrame, as_of: date, settings: ReplenishmentSettings) -> Ahead:
    """Spread weekly forecasts evenly over their days.

    Args:
        forecast: series_id, period_start (Monday), forecast and upper_80, units; one row per series and week. Weeks
            in any order; days up to `as_of` are over and don't count. A series without a week ahead is left out.
        as_of: the day the stock is known for.
        settings: how many days, and what goes on after the last week.

    Days are taken as independent of one another, so their variances add up (Silver, Pyke and Thomas 2017, ch. 6):
    a week's variance is spread over its days like its mean.
    """
    rows = forecast.dropna(subset=["forecast"])
    first = (pd.to_datetime(rows["period_start"]) - pd.Timestamp(as_of)).dt.days.to_numpy() - 1  # 0: tomorrow
    ahead = first + _WEEK > 0
    rows, first = rows[ahead], first[ahead]
    names, place = np.unique(rows["series_id"].to_numpy(dtype=object).astype(str), return_inverse=True)
    if not len(rows):
        return Ahead(names, np.zeros((0, settings.most_days)), np.zeros((0, settings.most_days)))
    mean = np.maximum(rows["forecast"].to_numpy("float64"), 0.0)
    upper = rows["upper_80"].fillna(rows["forecast"]).to_numpy("float64")
    deviation = np.maximum(upper - mean, 0.0) / _Z_90
    reach = int(first.max()) + _WEEK
    days = np.full((2, len(names), max(reach, settings.most_days)), np.nan)
    for day in range(_WEEK):
        at = first + day
        inside = at >= 0
        days[0, place[inside], at[inside]] = mean[inside] / _WEEK
        days[1, place[inside], at[inside]] = deviation[inside] ** 2 / _WEEK
    return Ahead(names, *(_carried(one, settings)[:, : settings.most_days] for one in days))


def _carried(days: np.ndarray, settings: ReplenishmentSettings) -> np.ndarray:
    """After a series' last known day the mean of its last weeks goes on; a day without a forecast before it is 0."""
    known = ~np.isnan(days)
    last = days.shape[1] - 1 - known[:, ::-1].argmax(axis=1)
    column = np.arange(days.shape[1])
    tail = known & (column > (last - settings.carried_weeks * _WEEK)[:, None])
    usual = np.where(tail, days, 0.0).sum(axis=1) / np.maximum(tail.sum(axis=1), 1)
    filled = np.where(known, days, 0.0)
    return np.where(column > last[:, None], usual[:, None], filled)


def shared(mean: np.ndarray, variance: np.ndarray, share: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance of a part of the demand: each unit falls to the store with probability `share`.

    Thinning of a count N (law of total variance): var = share^2 var(N) + share (1 - share) E(N). So a store's small
    part is as uncertain as small numbers are, however sure the whole is.
    """
    part = share[:, None]
    return part * mean, part**2 * variance + part * (1 - part) * mean
