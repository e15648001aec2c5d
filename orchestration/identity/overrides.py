"""Decisions of people on single pairs: the file that identity.yml names, checked against tonight's records."""

from __future__ import annotations

from pathlib import Path

import dagster as dg
import pyarrow as pa

from models.identity.overrides import Overrides, OverridesError, no_overrides, read_overrides, to_table
from orchestration.contracts import OVERRIDE_PROBLEMS
from orchestration.lake import Lake


def read_decisions(path: Path | None, records: pa.Table) -> Overrides:
    """The decisions that hold tonight, and what is wrong with the others; none when there is no such file.

    Raises:
        dagster.Failure: the file as a whole can't be read; says what a person must do.
    """
    if path is None or not path.exists():
        return no_overrides()
    try:
        return read_overrides(path.read_bytes(), records)
    except OverridesError as error:
        raise dg.Failure(description=f"{path.name}: {error}", allow_retries=False) from None


def write_problems(lake: Lake, overrides: Overrides) -> None:
    """Keep the rows that are not obeyed, or only in part, one line each."""
    lake.write("identity/override_problems.parquet", to_table(overrides.problems), OVERRIDE_PROBLEMS)
