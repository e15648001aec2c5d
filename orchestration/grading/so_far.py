"""All that is known of a model by a date, and its pictures: figures by date beside baselines, and calibration."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd

from orchestration.contracts import SCORECARD, SCORECARD_BINS
from orchestration.intelligence import plots
from orchestration.lake import Lake, sql_literal


def graded_so_far(lake: Lake, subject: str, as_of: date, table: str = "scorecard") -> pd.DataFrame:
    """All that is known of a subject by a date, of all customers and of groups; of `scorecard` or `scorecard_bins`.

    Where a night and a backfill speak for one date, the night's word stands.
    """
    folder = lake.data.lake / "grading" / table
    if not any(folder.glob("*.parquet")):
        return (SCORECARD if table == "scorecard" else SCORECARD_BINS).empty_table().to_pandas()
    rows = duckdb.execute(
        f"select * from read_parquet({sql_literal(folder / '*.parquet')}) where subject = $1 and matured_on <= $2"
        " order by all",
        [subject, as_of],
    ).df()
    for column in ("as_of", "matured_on"):
        rows[column] = rows[column].dt.date
    nights = set(zip(*(rows.loc[rows["origin"] == "night", name] for name in ("task", "as_of")), strict=True))
    again = [key in nights for key in zip(rows["task"], rows["as_of"], strict=True)]
    return rows[(rows["origin"] == "night") | ~pd.Series(again, index=rows.index, dtype=bool)].reset_index(drop=True)


def pictures(lake: Lake, subject: str, as_of: date) -> dict[str, object]:
    """Each primary figure by date beside its baseline, and the newest calibration curve."""
    from models.scorecard import TASKS

    drawn: dict[str, object] = {}
    rows = graded_so_far(lake, subject, as_of)
    if rows.empty:
        return drawn
    bins = graded_so_far(lake, subject, as_of, "scorecard_bins")
    for task in (task for task in TASKS if task.subject == subject and task.primary):
        own = rows[(rows["task"] == task.name) & (rows["dimension"] == "all")]
        for metric in task.primary:
            lines = own[(own["metric"] == metric) & own["baseline"].notna()]
            if len(lines):
                drawn[f"{subject}, {metric}"] = plots.beside_baseline(lines, f"{task.name}: {metric}")
        tenths = bins[(bins["task"] == task.name) & (bins["dimension"] == "tenth")]
        if len(tenths):
            newest = tenths[tenths["as_of"] == tenths["as_of"].max()]
            drawn[f"{subject}, calibration"] = plots.predicted_beside_actual(
                newest, f"{task.name} as of {newest['as_of'].iloc[0]}"
            )
    return drawn
