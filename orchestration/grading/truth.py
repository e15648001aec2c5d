"""What identity is graded against: the demo company knows who is who; your own data may hold a labelled sample."""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd

from orchestration.contracts import ASSIGNMENTS
from orchestration.lake import Lake, sql_literal

TRUTH_VARIABLE = "TRUTH_DIR"
NOT_GRADED = f"not graded: {TRUTH_VARIABLE} names no folder with records.parquet"
NONE_LABELLED = "not graded: records.parquet labels none of tonight's records"
_NEEDED = ("source_system", "source_key", "person_id")
# What a truth may say of a record besides whose it is; a sample often says nothing more.
_MORE = ("household_id", "language", "error_kinds")


@dataclass(frozen=True)
class Labelled:
    """Tonight's assignment beside the truth.

    Args:
        as_of: the day of the run.
        current: record_key and customer_id of every record.
        truth: record_key, person_id, source_system and what else is known of the records with a label.
        by_email: record_key and customer_id as the naive way would have it: one customer per e-mail address.
    """

    as_of: date
    current: pd.DataFrame
    truth: pd.DataFrame
    by_email: pd.DataFrame


def truth_file() -> Path | None:
    """The file of true people (source_system, source_key, person_id), where TRUTH_DIR names a folder that has it."""
    folder = os.environ.get(TRUTH_VARIABLE)
    path = Path(folder) / "records.parquet" if folder else None
    return path if path and path.exists() else None


def tonights_truth(lake: Lake) -> Labelled | str:
    """Tonight's assignment beside the truth, or why there is nothing to grade.

    Raises:
        dagster.Failure: as `labelled`.
    """
    path = truth_file()
    if path is None:
        return NOT_GRADED
    with lake.warehouse() as warehouse:
        known = labelled(warehouse, lake, path)
    return NONE_LABELLED if known.truth.empty else known


def labelled(warehouse: duckdb.DuckDBPyConnection, lake: Lake, path: Path) -> Labelled:
    """Tonight's assignment and the truth of `path`, both ordered by record_key.

    The assignment comes from the lake: the warehouse knows it only once dbt has run behind the identity step.
    A record without a person says nothing, and one that is labelled twice counts only if it is one person both times.

    Raises:
        dagster.Failure: the file can't be read, or lacks a column; says what is expected.
    """
    try:
        said = set(warehouse.sql(f"select * from read_parquet({sql_literal(path)}) limit 0").columns)
    except duckdb.Error:
        raise _unusable(path, "can't be read as Parquet") from None
    if missing := [column for column in _NEEDED if column not in said]:
        raise _unusable(path, f"lacks {', '.join(missing)}")
    more = "".join(f", min(truth.{column}) as {column}" for column in _MORE if column in said)
    current = lake.read("identity/assignments.parquet", ASSIGNMENTS)[["record_key", "customer_id"]]
    queries = (
        f"select records.record_key, min(truth.person_id) as person_id, records.source_system{more}"
        f" from validated.customer_records as records inner join read_parquet({sql_literal(path)}) as truth"
        " on cast(truth.source_system as varchar) = records.source_system"
        " and cast(truth.source_key as varchar) = records.source_key"
        " where truth.person_id is not null group by records.record_key, records.source_system"
        " having count(distinct truth.person_id) = 1 order by records.record_key",
        "select record_key, coalesce(lower(email), record_key) as customer_id from validated.customer_records"
        " order by record_key",
    )
    return Labelled(lake.as_of(warehouse), current, *(warehouse.sql(query).df() for query in queries))


def _unusable(path: Path, what: str) -> dg.Failure:
    return dg.Failure(
        description=f"{TRUTH_VARIABLE}: {path.name} {what}. Remedy: a Parquet file with {', '.join(_NEEDED)} is"
        f" expected; without {TRUTH_VARIABLE} the night runs ungraded",
        allow_retries=False,
    )
