"""What a model leaves behind for one date, and the one way to keep it: scores, grades, and what the UI shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd
import pyarrow as pa

from orchestration.contracts import GRADES
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.lake import Lake


@dataclass(frozen=True)
class Inputs:
    """Where a model reads what was known: tables of the warehouse, by default those of tonight.

    Other tables of the same columns serve another purpose, such as the dates of a backfill. A model asks them
    for nothing later than the date that it speaks for.
    """

    features: str = "unified.customer_features"
    outcomes: str = "unified.customer_outcomes"


TONIGHT = Inputs()


@dataclass(frozen=True)
class Night:
    """One model's answers as of one date.

    tables: name of the lake's folder below `intelligence/` to the rows and their contract; one file per date.
    subject, grades: who was judged, and rows of `models.grades`. served_by: which model answers, with the reason
    where it is not the first choice. metadata: what the UI shows beside grades and row counts.
    """

    tables: dict[str, tuple[pd.DataFrame | pa.Table, pa.Schema]]
    subject: str
    grades: pd.DataFrame
    served_by: str = ""
    metadata: dict[str, Any] = field(default_factory=dict)


def keep(lake: Lake, as_of: date, night: Night) -> dict[str, Any]:
    """Write the night's tables and grades; returns the metadata of its asset."""
    said: dict[str, Any] = {}
    for name, (rows, contract) in night.tables.items():
        lake.write(f"intelligence/{name}/{as_of}.parquet", rows, contract)
        said.setdefault("dagster/row_count", len(rows))
    lake.write(f"grading/grades/{night.subject}_{as_of}.parquet", night.grades, GRADES)
    for metric, rows in night.grades.groupby("metric", sort=False):
        beside = ", ".join(f"{row.baseline}: {row.baseline_value:.4f}" for row in rows.itertuples())
        said[str(metric)] = f"{rows['value'].iloc[0]:.4f} ({beside})"
    if night.served_by:
        said["served_by"] = night.served_by
    return said | night.metadata


def asset(name: str, owner: str, deps: list[str]) -> Any:
    """Decorator of an asset of the stage; `deps` are assets of other stages as `stage/name`."""
    return dg.asset(
        key=["intelligence", name],
        group_name="intelligence",
        owners=[owner],
        kinds={"python", "scikitlearn", "parquet"},
        deps=[dg.AssetKey(one.split("/")) for one in (*deps, "staged/run_date")],
        pool=WAREHOUSE_POOL,
    )


def served(result: Any) -> str:
    """Which model serves, and why where it is not the first choice."""
    return f"{result.served_by}; {result.note}" if result.note else result.served_by
