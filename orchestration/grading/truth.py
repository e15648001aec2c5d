"""What identity is graded against: the demo company knows who is who; your own data may hold a labelled sample."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from orchestration.contracts import ASSIGNMENTS
from orchestration.lake import Lake, sql_literal

TRUTH_VARIABLE = "TRUTH_DIR"
NOT_GRADED = f"not graded: {TRUTH_VARIABLE} names no folder with records.parquet"
# What a truth may say of a record besides whose it is; a sample often says nothing more.
_MORE = ("household_id", "language", "error_kinds")


@dataclass(frozen=True)
class Labelled:
    """Tonight's assignment beside the truth.

    Args:
        current: record_key and customer_id of every record.
        truth: record_key, person_id, source_system and what else is known of the records with a label.
        by_email: record_key and customer_id as the naive way would have it: one customer per e-mail address.
    """

    current: pd.DataFrame
    truth: pd.DataFrame
    by_email: pd.DataFrame


def truth_file() -> Path | None:
    """The file of true people (source_system, source_key, person_id), where TRUTH_DIR names a folder that has it."""
    folder = os.environ.get(TRUTH_VARIABLE)
    path = Path(folder) / "records.parquet" if folder else None
    return path if path and path.exists() else None


def labelled(warehouse: duckdb.DuckDBPyConnection, lake: Lake, path: Path) -> Labelled:
    """Tonight's assignment and the truth of `path`, both ordered by record_key.

    The assignment comes from the lake: the warehouse knows it only once dbt has run behind the identity step.
    """
    said = set(warehouse.sql(f"select * from read_parquet({sql_literal(path)}) limit 0").columns)
    more = "".join(f", truth.{column}" for column in _MORE if column in said)
    current = lake.read("identity/assignments.parquet", ASSIGNMENTS)[["record_key", "customer_id"]]
    queries = (
        f"select records.record_key, truth.person_id, records.source_system{more}"
        f" from validated.customer_records as records inner join read_parquet({sql_literal(path)}) as truth"
        " using (source_system, source_key) order by records.record_key",
        "select record_key, coalesce(lower(email), record_key) as customer_id from validated.customer_records"
        " order by record_key",
    )
    return Labelled(current, *(warehouse.sql(query).df() for query in queries))
