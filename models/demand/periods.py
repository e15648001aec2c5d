"""Periods as whole numbers, so that a gap is a difference: days, weeks from Monday, months or quarters."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

# The season of each frequency in periods: a week, a year, a year, a year.
SEASONS = {"daily": 7, "weekly": 52, "monthly": 12, "quarterly": 4}
# Periods ahead: eight weeks cover an order, its delivery and a promotion plan; 28 days are M5's task.
AHEAD = {"daily": 28, "weekly": 8, "monthly": 12, "quarterly": 8}
_READ = {"daily": 1100, "weekly": 260, "monthly": 240, "quarterly": 120}
_MONTHS = {"monthly": 1, "quarterly": 3}
# Of the dates given, this share must lie on the first day of a week or month to call the table weekly or monthly.
_MOST = 0.95


@dataclass(frozen=True)
class Periods:
    """Dates to period numbers and back, for one frequency."""

    frequency: str

    @property
    def season(self) -> int:
        """Periods until the calendar repeats itself."""
        return SEASONS[self.frequency]

    @property
    def ahead(self) -> int:
        """Periods that are forecast where nothing else is said."""
        return AHEAD[self.frequency]

    @property
    def read(self) -> int:
        """Periods of history that are read where nothing else is said."""
        return _READ[self.frequency]

    def number(self, dates: np.ndarray) -> np.ndarray:
        """Number of the period that holds each date (datetime64); shape as given."""
        days = dates.astype("datetime64[D]").astype("int64")
        if self.frequency == "daily":
            return days
        if self.frequency == "weekly":
            return (days + 3) // 7  # 1970-01-01 was a Thursday
        return dates.astype("datetime64[M]").astype("int64") // _MONTHS[self.frequency]

    def start(self, numbers: np.ndarray | int) -> np.ndarray:
        """First day of each period, datetime64[D]."""
        numbers = np.asarray(numbers, dtype="int64")
        if self.frequency == "daily":
            return numbers.astype("datetime64[D]")
        if self.frequency == "weekly":
            return (numbers * 7 - 3).astype("datetime64[D]")
        return (numbers * _MONTHS[self.frequency]).astype("datetime64[M]").astype("datetime64[D]")

    def last_complete(self, day: object) -> int:
        """The newest period whose last day is not after `day`."""
        after = np.datetime64(pd.Timestamp(day).date()) + np.timedelta64(1, "D")  # type: ignore[arg-type]
        return int(self.number(np.array([after]))[0]) - 1


def find(dates: np.ndarray, given: str = "") -> Periods:
    """The frequency of a table from its distinct dates (datetime64[D], not empty), or the one given.

    Raises ValueError when a frequency is unknown or a date is not the first day of its period.
    """
    if given and given not in SEASONS:
        raise ValueError(f"demand: frequency {given!r} is none of {', '.join(SEASONS)}")
    periods = Periods(given or _found(dates))
    if len(dates):
        wrong = dates[periods.start(periods.number(dates)) != dates]
        if len(wrong):
            what = "a Monday" if periods.frequency == "weekly" else "its first day"
            raise ValueError(
                f"demand: {len(wrong)} dates, first {wrong.min()}, start no {periods.frequency} period: give {what}"
            )
    return periods


def _found(dates: np.ndarray) -> str:
    days = dates.astype("datetime64[D]")
    if len(days) == 0:
        return "weekly"
    weekday = (days.astype("int64") + 3) % 7
    if np.mean(weekday == 0) >= _MOST:
        return "weekly"
    if np.mean(days == days.astype("datetime64[M]").astype("datetime64[D]")) >= _MOST:
        quarter = days.astype("datetime64[M]").astype("int64") % 3 == 0
        return "quarterly" if np.mean(quarter) >= _MOST else "monthly"
    if len(days) >= 4 and len(np.unique(weekday)) == 1:
        raise ValueError("demand: every date is the same day of the week, but no Monday: a week must begin on a Monday")
    return "daily"
