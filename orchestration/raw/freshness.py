"""Is a table as fresh as its owner promised? The newest value of the promised column beside the day it is.

Which day it is, no model ever asks: what a run computes follows the data. This check must not, or a dead source would
make everything look fresh.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

import duckdb

from orchestration.lake import sql_identifier, sql_literal
from orchestration.paths import DataDir
from orchestration.raw.declaration.schema import SourceDeclaration
from orchestration.raw.errors import SourceError

TODAY = "PIPELINE_TODAY"


@dataclass(frozen=True)
class Age:
    """How old a table's newest value was when the day began.

    Args:
        newest: the newest value that is not from the future; None when there is none.
        is_kept: whether the promise is kept.
        message: one line for the owner; empty when it is kept.
    """

    newest: datetime | None
    is_kept: bool
    message: str = ""


def today() -> date:
    """The day it is: PIPELINE_TODAY where it is set (a demo or a replay of old data), else the system's date in UTC.

    Raises:
        ValueError: PIPELINE_TODAY is not a date.
    """
    said = os.environ.get(TODAY)
    if not said:
        return datetime.now(UTC).date()
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise ValueError(f"{TODAY} is not a date such as 2026-11-22. Remedy: correct or unset it.") from None


def age(declaration: SourceDeclaration, table_name: str, data: DataDir, day: date) -> Age:
    """The age of a table that promises to be fresh, judged on all of its raw rows.

    Values after the end of `day` count for nothing: one order dated 2099 would keep a dead source fresh for ever.
    Ages count from midnight at the start of `day`.

    Raises:
        SourceError: the raw files can't be read.
    """
    promise = declaration.tables[table_name].freshness
    newest = _newest(declaration.source, table_name, promise.column, data, day)
    where, owner = f"{declaration.source}.{table_name}", declaration.owner
    promised = in_words(promise.within)
    if newest is None:
        return Age(None, False, f"{where}: no {promise.column} can be read, promised {promised} (owner {owner})")
    old = max(datetime.combine(day, time.min) - newest, timedelta(0))
    if old <= promise.within:
        return Age(newest, True)
    message = f"{where}: newest {promise.column} is {in_words(old)} old, promised {promised} (owner {owner})"
    return Age(newest, False, message)


def _newest(source: str, table_name: str, column: str, data: DataDir, day: date) -> datetime | None:
    files = data.raw / source / table_name / "*.parquet"
    if not any(files.parent.glob(files.name)):
        return None
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        try:
            return connection.execute(
                f"""
                select max(said) from (
                    select try_cast({sql_identifier(column)} as timestamp) as said
                    from read_parquet({sql_literal(files)}, union_by_name = true)
                ) where said < ?
                """,
                [datetime.combine(day + timedelta(1), time.min)],
            ).fetchone()[0]
        except duckdb.BinderException:  # the column was empty in every delivery, so no file has it
            return None
        except duckdb.Error as error:
            raise SourceError(
                source,
                table_name,
                f"its files in the lake can't be read ({type(error).__name__})",
                f"look for a damaged file in lake/raw/{source}/{table_name}, and pull the table anew",
            ) from None


def in_words(span: timedelta) -> str:
    hours = int(span.total_seconds() // 3600)
    if hours >= 48 or (hours % 24 == 0 and hours):
        return f"{hours // 24} day{'' if hours // 24 == 1 else 's'}"
    return f"{hours} hour{'' if hours == 1 else 's'}" if hours else f"{int(span.total_seconds() // 60)} minutes"
