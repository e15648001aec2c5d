"""The one shape in which every model reports how good it is.

A grade puts a figure beside the figure a naive baseline reached on the same rows, so that
nobody has to guess whether the model is worth running.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pandas as pd

GRADE_COLUMNS = [
    "subject",
    "metric",
    "value",
    "baseline",
    "baseline_value",
    "as_of",
    "evaluated_from",
    "evaluated_to",
    "population",
]

# Grades are compared between runs byte for byte; the seventh digit is noise of the arithmetic.
GRADE_DECIMALS = 6


@dataclass(frozen=True)
class Judged:
    """What was judged: the run's day, the days the outcomes came from, and how many rows."""

    subject: str
    as_of: date
    evaluated_from: date
    evaluated_to: date
    population: int

    def grade(self, metric: str, value: float, baseline: str, baseline_value: float | None) -> dict[str, object]:
        """One row of the grades table; an unknown baseline figure stays missing."""
        return {
            "subject": self.subject,
            "metric": metric,
            "value": round(float(value), GRADE_DECIMALS),
            "baseline": baseline,
            "baseline_value": None if baseline_value is None else round(float(baseline_value), GRADE_DECIMALS),
            "as_of": self.as_of,
            "evaluated_from": self.evaluated_from,
            "evaluated_to": self.evaluated_to,
            "population": int(self.population),
        }


def grades_table(rows: Iterable[dict[str, object]]) -> pd.DataFrame:
    """Rows of `Judged.grade` as a table with fixed columns and types, also when there are none."""
    table = pd.DataFrame(list(rows), columns=GRADE_COLUMNS)
    return table.astype({"value": "float64", "baseline_value": "float64", "population": "int64"})


def as_day(value: object) -> date:
    """A date from a date, a timestamp or ISO text; raises ValueError when it is none of these."""
    day = pd.Timestamp(value)  # type: ignore[arg-type]
    if pd.isna(day):
        raise ValueError(f"not a date: {value!r}")
    return day.date()
