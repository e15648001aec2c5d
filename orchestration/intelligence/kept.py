"""Where answers of models are kept: what nights said, and apart from it what a backfill says they would have said.

Belongs here: names of files, and which dates have one. Reading and writing them is the lake's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from orchestration.lake import Lake


@dataclass(frozen=True)
class Kept:
    """One place of answers. origin: `night` or `backfill`. folder, graded: of the scores and of the grades."""

    origin: str
    folder: str
    graded: str

    def scores(self, table: str, as_of: date) -> str:
        """The file, relative to the lake, of one table of answers as of a date; its newest revision."""
        return f"{self.folder}/{table}/{as_of}.parquet"

    def grades(self, subject: str, as_of: date) -> str:
        """The file of a model's grades on its own backtest."""
        return f"{self.graded}/grades/{subject}_{as_of}.parquet"

    def standing(self, subject: str, as_of: date) -> str:
        """The file that says whether the model or its baseline served that date, and why."""
        return f"{self.graded}/standing/{subject}_{as_of}.parquet"

    def dates(self, lake: Lake, table: str) -> list[date]:
        """The dates that have answers, in order."""
        return _dates(lake, f"{self.folder}/{table}", "")

    def standing_dates(self, lake: Lake, subject: str) -> list[date]:
        """The dates for which it is known who served, in order."""
        return _dates(lake, f"{self.graded}/standing", f"{subject}_")

    def grades_dates(self, lake: Lake, subject: str) -> list[date]:
        """The dates that have grades, in order."""
        return _dates(lake, f"{self.graded}/grades", f"{subject}_")


NIGHTLY = Kept("night", "intelligence", "grading")
BACKFILLED = Kept("backfill", "backfill/intelligence", "backfill/grading")
# A night's own answer comes before one worked out later for the same date.
PLACES: Sequence[Kept] = (NIGHTLY, BACKFILLED)


def _dates(lake: Lake, folder: str, prefix: str) -> list[date]:
    found = []
    for path in (lake.data.lake / folder).glob(f"{prefix}[0-9]*.parquet"):
        try:
            found.append(date.fromisoformat(path.stem.removeprefix(prefix)))
        except ValueError:  # not ours: somebody's copy
            continue
    return sorted(found)
