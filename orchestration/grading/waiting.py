"""Past answers that wait for their outcome: everything kept that no scorecard has graded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

import dagster as dg
import duckdb
import pandas as pd

from orchestration.contracts import DUE_PREDICTIONS
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence.kept import PLACES, Kept
from orchestration.lake import Lake, sql_literal

if TYPE_CHECKING:
    from models.scorecard import Task


@dataclass(frozen=True)
class Waiting:
    """The answers of one task as of one date, in one place."""

    task: Task
    as_of: date
    kept: Kept

    @property
    def key(self) -> tuple[str, str, date, str]:
        return self.task.subject, self.task.name, self.as_of, self.kept.origin


def waiting(lake: Lake, places: Sequence[Kept] = PLACES) -> list[Waiting]:
    """What is not graded yet, by date; an answer is graded once, so a rerun finds nothing to do."""
    from models.scorecard import TASKS

    graded = _graded(lake)
    found = [Waiting(task, as_of, kept) for kept in places for task in TASKS for as_of in kept.dates(lake, task.table)]
    return sorted((one for one in found if one.key not in graded), key=lambda one: (one.as_of, one.key))


def _graded(lake: Lake) -> set[tuple[str, str, date, str]]:
    folder = lake.data.lake / "grading" / "scorecard"
    if not any(folder.glob("*.parquet")):
        return set()
    return set(
        duckdb.sql(
            f"select distinct subject, task, as_of, origin from read_parquet({sql_literal(folder / '*.parquet')})"
        ).fetchall()
    )


@dg.asset(
    key=["grading", "due_predictions"],
    group_name="grading",
    owners=["marketing-analytics@example.com"],
    kinds={"python", "parquet"},
    deps=[dg.AssetKey(["staged", "run_date"])],  # behind the look for damaged files
    pool=WAREHOUSE_POOL,
)
def due_predictions(lake: Lake) -> dg.MaterializeResult:
    """Past answers of models that are not graded yet: the dates for which `unified` works out what happened.

    What was said for tonight, by a run before this one, is no past answer: a rerun lists what the first run did.
    """
    with lake.warehouse() as warehouse:
        tonight = lake.as_of(warehouse)
    rows = [
        {
            "subject": one.task.subject,
            "task": one.task.name,
            "as_of": one.as_of,
            "origin": one.kept.origin,
            "horizon_days": one.task.horizon_days,
        }
        for one in waiting(lake)
        if one.as_of < tonight
    ]
    frame = pd.DataFrame(rows, columns=DUE_PREDICTIONS.names).astype({"horizon_days": "Int64"})
    lake.write("grading/due_predictions.parquet", frame, DUE_PREDICTIONS)
    return dg.MaterializeResult(metadata={"dagster/row_count": len(frame)})
