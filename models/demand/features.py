"""Weekly history as matrices (weeks by series) and the model inputs at every origin.

An origin is the last complete week known. Everything here is a shift or a rolling window that
looks back, so a row at an origin never sees a later week.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from .settings import DemandSettings

WEEK = pd.Timedelta(weeks=1)
LAGS = (0, 1, 2, 3, 4, 5, 7)
YEAR_LAG = 51  # at horizon 1 this is the same week a year before


@dataclass(frozen=True)
class Panel:
    """Units and promoted share: one row per complete week (Monday), one column per series.

    Missing before a series began; a gap inside its life is a week without sales, zero.
    """

    units: pd.DataFrame
    promoted: pd.DataFrame

    def until(self, rows: int) -> Panel:
        """Only the first `rows` weeks: what was known at an earlier origin."""
        return Panel(self.units.iloc[:rows], self.promoted.iloc[:rows])


def build_panel(weekly: pd.DataFrame, as_of: pd.Timestamp) -> Panel:
    """Panel of the weeks that had ended by `as_of` (a week ends on the Sunday after its Monday).

    `weekly` has series_id, week_start, units and promoted_share; negative or missing units count as 0.
    Raises ValueError when a series has two rows for a week or a week does not begin on a Monday.
    """
    rows = pd.DataFrame(
        {
            "series_id": weekly["series_id"].astype(str),
            "week_start": pd.to_datetime(weekly["week_start"]).astype("datetime64[us]"),
            "units": pd.to_numeric(weekly["units"], errors="coerce").astype("float64").fillna(0.0).clip(lower=0.0),
            "promoted": pd.to_numeric(weekly["promoted_share"], errors="coerce").astype("float64").fillna(0.0),
        }
    )
    if (rows.week_start.dt.day_of_week != 0).any():
        raise ValueError("weekly_demand: week_start must be a Monday")
    if rows.duplicated(["series_id", "week_start"]).any():
        raise ValueError("weekly_demand: more than one row for a series and week")
    rows = rows[rows.week_start + pd.Timedelta(days=6) <= as_of]
    units = rows.pivot(index="week_start", columns="series_id", values="units")
    promoted = rows.pivot(index="week_start", columns="series_id", values="promoted")
    if len(units):
        last = (as_of.normalize() - pd.Timedelta(days=6)).to_period("W-SUN").start_time
        last = last if last + pd.Timedelta(days=6) <= as_of else last - WEEK
        weeks = pd.date_range(units.index.min(), min(last, as_of), freq="7D", unit="us")
        units, promoted = units.reindex(weeks), promoted.reindex(weeks)
    began = units.notna().cummax()
    columns = sorted(units.columns)
    units = units.fillna(0.0).where(began)[columns]
    return Panel(units, promoted.fillna(0.0).where(began)[columns])


def level(units: pd.DataFrame, settings: DemandSettings) -> pd.DataFrame:
    """Mean weekly units over the last `level_weeks` weeks, at every origin."""
    return units.rolling(settings.level_weeks, min_periods=1).mean()


def spread(units: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute change from week to week so far: the scale of MASE, at every origin."""
    return units.diff().abs().expanding(min_periods=1).mean()


def origin_inputs(panel: Panel, settings: DemandSettings) -> dict[str, pd.DataFrame]:
    """Model inputs as matrices (weeks by series).

    Amounts are told as distance from the series' own level in its own spreads, so that fuel (sold by
    the million) and candles (by the dozen) share one model.
    """
    units, promoted = panel.units, panel.promoted
    base, width = level(units, settings), spread(units)
    width = width.where(width > 0)

    def told(amount: pd.DataFrame) -> pd.DataFrame:
        return ((amount - base) / width).clip(-settings.input_clip, settings.input_clip)

    inputs = {f"lag_{lag}": told(units.shift(lag)) for lag in (*LAGS, YEAR_LAG)}
    for weeks in (4, 8, 26):
        inputs[f"mean_{weeks}"] = told(units.rolling(weeks, min_periods=1).mean())
    inputs["median_8"] = told(units.rolling(8, min_periods=1).median())
    inputs["deviation_8"] = units.rolling(8, min_periods=2).std() / width
    inputs["zero_share_8"] = (units == 0).astype("float64").rolling(8, min_periods=1).mean()
    inputs["relative_spread"] = width / base.where(base > 0)
    inputs["log_level"] = np.log1p(base)
    inputs["promoted_0"] = promoted
    inputs["promoted_1"] = promoted.shift(1)
    inputs["promoted_mean_8"] = promoted.rolling(8, min_periods=1).mean()
    return inputs


def model_rows(panel: Panel, origins: np.ndarray, settings: DemandSettings) -> pd.DataFrame:
    """One row per origin, series and horizon: inputs, level, spread, and `units` where already known.

    `origins` are row numbers of the panel. Rows without enough history, or with a level
    or spread of zero, are left out. `origin` is the row number, `horizon` 1..horizon_weeks.
    """
    series = panel.units.columns.to_numpy()
    inputs = origin_inputs(panel, settings)
    wide = {name: matrix.to_numpy()[origins].ravel() for name, matrix in inputs.items()}
    wide["level"] = level(panel.units, settings).to_numpy()[origins].ravel()
    wide["spread"] = spread(panel.units).to_numpy()[origins].ravel()
    wide["history"] = panel.units.notna().cumsum().to_numpy()[origins].ravel()
    wide["last_week"] = panel.units.to_numpy()[origins].ravel()
    wide["four_week_mean"] = panel.units.rolling(4, min_periods=1).mean().to_numpy()[origins].ravel()
    base = pd.DataFrame({"series_id": np.tile(series, len(origins)), "origin": np.repeat(origins, len(series)), **wide})
    enough = (base.history >= settings.min_history_weeks) & (base.level > 0) & (base.spread > 0)
    base = base[enough]

    ahead = panel.units.to_numpy()
    weeks = panel.units.index
    column = pd.Series(np.arange(len(series)), index=series)
    parts = []
    for horizon in range(1, settings.horizon_weeks + 1):
        target = base.origin.to_numpy() + horizon
        known = target < len(ahead)
        units = np.full(len(base), np.nan)
        units[known] = ahead[target[known], column[base.series_id].to_numpy()[known]]
        when = weeks[0] + pd.to_timedelta(target * 7, unit="D")
        # Monday's place in the month: wages and benefits are paid, and spent, by the calendar.
        parts.append(base.assign(horizon=horizon, week_of_month=(when.day.to_numpy() - 1) // 7, units=units))
    return pd.concat(parts, ignore_index=True)
