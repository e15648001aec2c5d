"""What a model leaves behind for one date, and the one way to keep it: scores, grades, and what the UI shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa

from orchestration.contracts import GRADES
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence.kept import NIGHTLY, Kept
from orchestration.lake import Lake, Rows


@dataclass(frozen=True)
class Inputs:
    """Where a model reads what was known: tables of the warehouse, by default those of tonight.

    Other tables of the same columns serve another purpose, such as the dates of a backfill. A model asks them
    for nothing later than the date that it speaks for.
    """

    features: str = "unified.customer_features"
    outcomes: str = "unified.customer_outcomes"
    demand: str = "unified.demand_weeks"


TONIGHT = Inputs()

# What the models answer every night, each graded by itself.
ANSWERS = tuple(
    dg.AssetKey(["intelligence", name])
    for name in ("behaviour_segments", "churn_scores", "demand_forecast", "lifetime_value", "recommendations")
)


@dataclass(frozen=True)
class Night:
    """One model's answers as of one date.

    tables: name of the lake's folder below `intelligence/` to the rows and their contract; one file per date. A reader
    of batches is read once, when the rows are kept.
    subject, grades: who was judged, and rows of `models.grades`. served_by: which model answers, with the reason
    where it is not the first choice. metadata: what the UI shows beside grades and row counts; a function where that is
    known only once the rows were read. about: what the model card says of the model beyond its figures, title to text,
    such as what it learnt from.
    """

    tables: dict[str, tuple[Rows, pa.Schema]]
    subject: str
    grades: pd.DataFrame
    served_by: str = ""
    metadata: dict[str, Any] | Callable[[], dict[str, Any]] = field(default_factory=dict)
    about: dict[str, str] = field(default_factory=dict)


def keep(lake: Lake, as_of: date, night: Night, kept: Kept = NIGHTLY) -> dict[str, Any]:
    """Keep the night's tables and grades, never in place of what was said before; returns the asset's metadata."""
    said: dict[str, Any] = {}
    for name, (rows, contract) in night.tables.items():
        revision = lake.keep_once(kept.scores(name, as_of), rows, contract)
        said.setdefault("dagster/row_count", lake.row_count(kept.scores(name, as_of)))
        if revision > 1:
            said[f"{name}, revision"] = f"{revision}; the first one is what is graded"
    notes = {"served_by": night.served_by, "about": json.dumps(night.about, ensure_ascii=False, sort_keys=True)}
    lake.keep_once(kept.grades(night.subject, as_of), night.grades, GRADES, notes)
    for metric, rows in night.grades.groupby("metric", sort=False):
        beside = ", ".join(f"{row.baseline}: {row.baseline_value:.4f}" for row in rows.itertuples())
        said[str(metric)] = f"{rows['value'].iloc[0]:.4f} ({beside})"
    if night.served_by:
        said["served_by"] = night.served_by
    return said | (night.metadata() if callable(night.metadata) else night.metadata)


def asset(name: str, owner: str, deps: list[str]) -> Any:
    """Decorator of an asset of the stage; `deps` are assets of other stages as `stage/name`.

    Every one comes behind the scorecard, which decides who serves.
    """
    return dg.asset(
        key=["intelligence", name],
        group_name="intelligence",
        owners=[owner],
        kinds={"python", "scikitlearn", "parquet"},
        deps=[dg.AssetKey(one.split("/")) for one in (*deps, "staged/run_date", "grading/scorecard")],
        pool=WAREHOUSE_POOL,
    )


def served(result: Any) -> str:
    """Which model serves, and why where it is not the first choice."""
    return f"{result.served_by}; {result.note}" if result.note else result.served_by
