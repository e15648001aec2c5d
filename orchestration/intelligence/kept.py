"""Where answers of models are kept: what nights said, and apart from it what a backfill says they would have said.

Belongs here: names of files, and which dates have one. Reading and writing them is the lake's.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from orchestration.lake import Lake


@dataclass(frozen=True)
class Kept:
    """One place of answers.

    origin: `night` or `backfill`. folder: of what nights write for readers. suffix: of files in folders that both
    places share.
    """

    origin: str
    folder: str
    suffix: str

    def scores(self, table: str, as_of: date) -> str:
        """The file, relative to the lake, of one table of answers as of a date; its newest revision."""
        return f"{self.folder}intelligence/{table}/{as_of}.parquet"

    def dates(self, lake: Lake, table: str) -> list[date]:
        """The dates that have answers, in order."""
        return _dates(lake, f"{self.folder}intelligence/{table}", "", "")

    def grades(self, subject: str, as_of: date) -> str:
        """The file of a model's grades on its own backtest."""
        return f"{self.folder}grading/grades/{subject}_{as_of}.parquet"

    def grades_dates(self, lake: Lake, subject: str) -> list[date]:
        """The dates that have grades, in order."""
        return _dates(lake, f"{self.folder}grading/grades", f"{subject}_", "")

    def standing(self, subject: str, as_of: date) -> str:
        """The file that says whether the model or its baseline served that date, and why."""
        return f"grading/standing/{subject}_{as_of}{self.suffix}.parquet"

    def standing_dates(self, lake: Lake, subject: str) -> list[date]:
        """The dates for which it is known who served, in order."""
        return _dates(lake, "grading/standing", f"{subject}_", self.suffix)

    def scorecard(self, as_of: date, table: str = "scorecard") -> str:
        """The file of what became known as of a date: `scorecard` or `scorecard_bins`."""
        return f"grading/{table}/{as_of}{self.suffix}.parquet"


NIGHTLY = Kept("night", "", "")
BACKFILLED = Kept("backfill", "backfill/", "_backfill")
# A night's own answer comes before one worked out later for the same date.
PLACES = (NIGHTLY, BACKFILLED)


def _dates(lake: Lake, folder: str, prefix: str, suffix: str) -> list[date]:
    found = []
    for path in (lake.data.lake / folder).glob(f"{prefix}[0-9]*{suffix}.parquet"):
        try:
            found.append(date.fromisoformat(path.stem.removeprefix(prefix).removesuffix(suffix)))
        except ValueError:  # the other place's, or somebody's copy
            continue
    return sorted(found)
