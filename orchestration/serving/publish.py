"""Copies the marts into a new `serving.duckdb` and puts it in place by one rename.

A reader that has the old file open keeps reading the old night; one that opens it after sees the new night.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb

from orchestration.lake import replace_durably, sql_identifier, sql_literal


class PublishError(Exception):
    """The new file is not what the marts say; the published one was left as it is."""


def publish(
    warehouse: Path, serving: Path, tables: Sequence[str], before_swap: Callable[[Path], None] | None = None
) -> dict[str, int]:
    """Replace `serving` by the marts of `warehouse` that `tables` names, and no other; rows by table.

    `before_swap` is called with the finished file just before it takes the place of `serving`.

    Raises:
        PublishError: a mart is not there, or arrived with another number of rows.
    """
    unfinished = serving.with_name(f".{serving.name}.unfinished")
    for leftover in (unfinished, unfinished.with_name(unfinished.name + ".wal")):
        leftover.unlink(missing_ok=True)
    with duckdb.connect(str(unfinished)) as connection:
        connection.execute(f"attach {sql_literal(warehouse)} as warehouse (read_only)")
        built = {
            name
            for (name,) in connection.execute(
                "select table_name from duckdb_tables() where database_name = 'warehouse' and schema_name = 'marts'"
            ).fetchall()
        }
        missing = sorted(set(tables) - built)
        if missing:
            raise PublishError(f"the warehouse lacks marts: {', '.join(missing)}; run the whole job nightly")
        connection.execute("create schema marts")
        rows = {table: _copy(connection, table) for table in sorted(tables)}
        connection.execute("detach warehouse")
        connection.execute("checkpoint")
    if before_swap is not None:
        before_swap(unfinished)
    replace_durably(unfinished, serving)
    return rows


def _copy(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    name = sql_identifier(table)
    connection.execute(f"create table marts.{name} as from warehouse.marts.{name}")
    of_table = "where database_name = 'warehouse' and schema_name = 'marts' and table_name = $1 and comment is not null"
    comments = connection.execute(
        f"select null, comment from duckdb_tables() {of_table}"
        f" union all select column_name, comment from duckdb_columns() {of_table}",
        [table],
    ).fetchall()
    for column, comment in comments:
        target = f"table marts.{name}" if column is None else f"column marts.{name}.{sql_identifier(column)}"
        connection.execute(f"comment on {target} is {sql_literal(comment)}")
    wanted, found = connection.execute(
        f"select (select count(*) from warehouse.marts.{name}), (select count(*) from marts.{name})"
    ).fetchone()
    if wanted != found:
        raise PublishError(f"{table}: {wanted} rows in the warehouse, {found} in the new serving file")
    return int(found)
