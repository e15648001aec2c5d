"""Any table in, a checked frame out: series, period number, value, features; bad values are counted, never fatal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from .periods import Periods, find
from .settings import DemandSettings

KEYS = ("series_id", "date", "value")


@dataclass(frozen=True)
class Rows:
    """Checked rows up to the last complete period, in the order of series and period.

    series: sorted names. code, period, value: one per row; value is NaN where demand was not observed.
    features: name to one number per row. said: what was put right, in words.
    """

    periods: Periods
    last: int
    series: np.ndarray
    code: np.ndarray
    period: np.ndarray
    value: np.ndarray
    features: dict[str, np.ndarray]
    said: list[str] = field(default_factory=list)


def frame(table: Any) -> pd.DataFrame:
    """A pandas frame from a frame, an Arrow table or a DuckDB relation."""
    if isinstance(table, pd.DataFrame):
        return table
    if hasattr(table, "to_pandas"):
        return table.to_pandas()
    return table.df()


def numbers(column: pd.Series) -> np.ndarray:
    """A column as doubles; text that is no number, and infinities, become NaN."""
    values = pd.to_numeric(column, errors="coerce").to_numpy("float64", na_value=np.nan).copy()
    values[~np.isfinite(values)] = np.nan
    return values


def _days(column: pd.Series, what: str) -> np.ndarray:
    """Dates as datetime64[D]; raises ValueError when one cannot be read."""
    dates = pd.to_datetime(column, errors="coerce", format="mixed") if column.dtype == object else column
    dates = pd.to_datetime(dates, errors="coerce")
    if getattr(dates.dt, "tz", None) is not None:
        dates = dates.dt.tz_localize(None)
    if dates.isna().any():
        raise ValueError(
            f"demand: {int(dates.isna().sum())} rows of {what} have no readable date: correct or drop them"
        )
    return dates.to_numpy().astype("datetime64[D]")


def read(history: Any, day: object, settings: DemandSettings) -> Rows:
    """Rows of `history` whose period had ended by `day`.

    A negative value (more returned than sold) counts as zero; one that is no finite number as not observed.
    Raises ValueError for missing columns, unreadable dates, dates that start no period, and two rows for a series
    and period.
    """
    table = frame(history)
    missing = [c for c in KEYS if c not in table]
    if missing:
        raise ValueError(f"demand: the history has no column {', '.join(missing)}: give series_id, date and value")
    if table["series_id"].isna().any():
        raise ValueError(f"demand: {int(table['series_id'].isna().sum())} rows have no series_id: name or drop them")
    days = _days(table["date"], "the history")
    periods = find(np.unique(days), settings.frequency)
    number, last = periods.number(days), periods.last_complete(day)
    seen = (number <= last) & (number > last - (settings.most_periods or periods.read))
    table, number = table[seen], number[seen]

    codes, names = pd.factorize(table["series_id"].astype(str), sort=True)
    order = np.lexsort((number, codes))
    code, period = codes[order], number[order]
    again = np.flatnonzero((np.diff(code) == 0) & (np.diff(period) == 0))
    if len(again):
        first = again[0]
        raise ValueError(
            f"demand: {len(again)} rows repeat a series and period, first {names[code[first]]!r} on "
            f"{periods.start(period[first])}: add them up or drop them"
        )
    given = table["value"].iloc[order]
    value = numbers(given)
    said = []
    unreadable = int((np.isnan(value) & given.notna().to_numpy()).sum())
    if unreadable:
        said.append(f"{unreadable} values were no numbers: taken as not observed")
    negative = int((value < 0).sum())
    if negative:
        said.append(f"{negative} values were negative: taken as zero")
    value = np.where(value < 0, 0.0, value)
    features = {
        str(c): numbers(table[c].iloc[order])
        for c in table.columns
        if c not in KEYS and (pd.api.types.is_numeric_dtype(table[c]) or pd.api.types.is_bool_dtype(table[c]))
    }
    return Rows(periods, last, np.asarray(names, dtype=object), code, period, value, features, said)


def read_futures(futures: Any, rows: Rows, horizon: int) -> dict[str, np.ndarray]:
    """Features known ahead: name to array (horizon, series), NaN where unknown; only names that the history has.

    Rows of other series or later periods are not looked at. Raises ValueError for two rows of a series and period.
    """
    if futures is None or not rows.features:
        return {}
    table = frame(futures)
    missing = [c for c in ("series_id", "date") if c not in table]
    if missing:
        raise ValueError(f"demand: the futures have no column {', '.join(missing)}")
    ahead = rows.periods.number(_days(table["date"], "the futures")) - rows.last - 1
    place = pd.Index(rows.series).get_indexer(table["series_id"].astype(str))
    wanted = (ahead >= 0) & (ahead < horizon) & (place >= 0)
    if pd.Series(ahead[wanted] * len(rows.series) + place[wanted]).duplicated().any():
        raise ValueError("demand: the futures repeat a series and period: give each one row")
    known = {}
    for name in rows.features:
        if name in table.columns:
            known[name] = np.full((horizon, len(rows.series)), np.nan)
            known[name][ahead[wanted], place[wanted]] = numbers(table[name])[wanted]
    return known
