"""Decisions of people on single pairs: the file that identity.yml names, read, reported and written to."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import dagster as dg
import pyarrow as pa

from models.identity.overrides import Overrides, OverridesError, no_overrides, read_overrides, to_table
from models.identity.overrides_file import appended
from orchestration.contracts import OVERRIDE_PROBLEMS
from orchestration.lake import Lake

PROBLEMS = "identity/override_problems.parquet"
_SHOWN_PROBLEMS = 50


def read_decisions(path: Path | None, records: pa.Table) -> Overrides:
    """The decisions in a CSV file that hold for `records`; none when there is no such file.

    Raises:
        OverridesError: the file as a whole cannot be read; one line that names it and says what to do.
    """
    if path is None or not path.exists():
        return no_overrides()
    try:
        return read_overrides(path.read_bytes(), records)
    except OverridesError as error:
        raise OverridesError(f"{path.name}: {error}") from None


def decisions_of_tonight(lake: Lake, path: Path | None, records: pa.Table) -> Overrides:
    """The same for a run, with its problems kept in the lake.

    Raises:
        dagster.Failure: the file cannot be read. Without its decisions the night would join what people have parted.
    """
    try:
        overrides = read_decisions(path, records)
    except OverridesError as error:
        raise dg.Failure(description=f"{error}, and run again", allow_retries=False) from None
    lake.write(PROBLEMS, to_table(overrides.problems), OVERRIDE_PROBLEMS)
    return overrides


def about_overrides(overrides: Overrides) -> dict[str, dg.MetadataValue | str | int]:
    """What a person sees of them in the UI: counts and one line per problem."""
    table = to_table(overrides.problems[:_SHOWN_PROBLEMS])
    return {
        "dagster/row_count": len(overrides.problems),
        "in_short": overrides.in_short(),
        "decisions_obeyed": len(overrides.decisions),
        "rows_not_obeyed": overrides.not_obeyed,
        "problems": dg.MetadataValue.md(table.to_markdown(index=False) if len(table) else "none"),
    }


def append_decision(path: Path, row: Mapping[str, str]) -> None:
    """Add a row to the file, made where it is missing; after the return it survives a power cut.

    Raises:
        OverridesError: what is there is no such file.
    """
    is_new = not path.exists()
    line = appended(b"" if is_new else path.read_bytes(), row)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
