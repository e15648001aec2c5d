"""Loads a publication into a schema of its own that no reader knows yet, streamed, and counts what arrived."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path

import duckdb
import psycopg
import pyarrow as pa
import pyarrow.csv as pacsv
from psycopg import sql

from orchestration.lake import sql_identifier
from orchestration.serving.manifest import VIEW, Manifest, Table
from orchestration.serving.postgres_types import column_type, written

_BATCH_ROWS = 50_000
_CSV = pacsv.WriteOptions(include_header=False, quoting_style="all_valid")  # NULL is what is not in quotes
_NUL, _REPLACEMENT = b"\x00", "\N{REPLACEMENT CHARACTER}".encode()


class LoadError(Exception):
    """What arrived is not what was sent; one line."""


def load(connection: psycopg.Connection, schema: str, file: Path, manifest: Manifest) -> int:
    """Make `schema` anew and fill it from a finished publication, in one transaction; NUL characters replaced.

    Rows are frozen: a transaction that took its snapshot before the load, and looks the tables up after they took
    their names, sees all of them and not empty tables.

    Args:
        connection: in autocommit mode.
        schema: the schema's name; what is in it is lost.
        file: the publication, a DuckDB file.
        manifest: its manifest.

    Raises:
        LoadError: a table arrived with another number of rows.
        psycopg.Error: PostgreSQL refused something.
    """
    replaced = 0
    with duckdb.connect(str(file), read_only=True) as source, connection.transaction():
        source.execute("set timezone = 'UTC'; set threads = 1")  # in order, one batch at a time
        connection.execute(sql.SQL("drop schema if exists {} cascade").format(sql.Identifier(schema)))
        connection.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
        about = {name: (table.columns, table) for name, table in manifest.tables.items()}
        view = source.execute(f"select column_name, column_type from (describe marts.{VIEW})").fetchall()
        about[VIEW] = (tuple(view), Table(len(manifest.tables), "", tuple(view), ("table_name",)))
        for name, (columns, table) in sorted(about.items()):
            _create(connection, schema, name, columns)
            replaced += _fill(connection, source, schema, name, columns)
            _verify(connection, schema, name, table.rows)
            _index(connection, schema, name, table)
            _comment(connection, source, schema, name)
            connection.execute(sql.SQL("analyze {}").format(sql.Identifier(schema, name)))
        for name, table in sorted(manifest.tables.items()):
            _refer(connection, schema, name, table, manifest)
    return replaced


def _create(connection: psycopg.Connection, schema: str, name: str, columns: tuple[tuple[str, str], ...]) -> None:
    typed = [
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(column_type(duckdb_type)))
        for column, duckdb_type in columns
    ]
    connection.execute(sql.SQL("create table {} ({})").format(sql.Identifier(schema, name), sql.SQL(", ").join(typed)))


def _fill(
    connection: psycopg.Connection,
    source: duckdb.DuckDBPyConnection,
    schema: str,
    name: str,
    columns: tuple[tuple[str, str], ...],
) -> int:
    replaced = 0
    command = sql.SQL("copy {} from stdin with (format csv, freeze)").format(sql.Identifier(schema, name))
    with connection.cursor() as cursor, cursor.copy(command) as copy:
        for text in _csv(source, name, columns):
            if _NUL in text:  # only a text can hold one, and PostgreSQL takes it in none
                replaced += text.count(_NUL)
                text = text.replace(_NUL, _REPLACEMENT)
            copy.write(text)
    return replaced


def _csv(source: duckdb.DuckDBPyConnection, name: str, columns: tuple[tuple[str, str], ...]) -> Iterator[bytes]:
    values = ", ".join(written(column, duckdb_type) for column, duckdb_type in columns)
    rows: pa.RecordBatchReader = source.execute(f"select {values} from marts.{sql_identifier(name)}").to_arrow_reader(
        _BATCH_ROWS
    )
    for batch in rows:
        text = io.BytesIO()
        pacsv.write_csv(batch, text, _CSV)
        yield text.getvalue()


def _verify(connection: psycopg.Connection, schema: str, name: str, wanted: int) -> None:
    found = connection.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(schema, name))).fetchone()[0]
    if found != wanted:
        raise LoadError(f"{name}: {wanted} rows were published, {found} arrived in PostgreSQL")


def _index(connection: psycopg.Connection, schema: str, name: str, table: Table) -> None:
    target = sql.Identifier(schema, name)
    if table.key:
        key = sql.SQL(", ").join(map(sql.Identifier, table.key))
        connection.execute(sql.SQL("alter table {} add primary key ({})").format(target, key))
    for column in table.indexed:
        if table.key[:1] != (column,):  # the key's own index finds it already
            connection.execute(sql.SQL("create index on {} ({})").format(target, sql.Identifier(column)))


def _refer(connection: psycopg.Connection, schema: str, name: str, table: Table, manifest: Manifest) -> None:
    """Foreign keys, so that tools find the joins by themselves; dbt has tested them, so they are not checked again."""
    for column, other, field in table.references:
        if other in manifest.tables and manifest.tables[other].key == (field,):
            connection.execute(
                sql.SQL("alter table {} add foreign key ({}) references {} ({}) not valid").format(
                    *(sql.Identifier(schema, name), sql.Identifier(column)),
                    *(sql.Identifier(schema, other), sql.Identifier(field)),
                )
            )


def _comment(connection: psycopg.Connection, source: duckdb.DuckDBPyConnection, schema: str, name: str) -> None:
    comments = source.execute(
        "select null, comment from duckdb_tables() where schema_name = 'marts' and table_name = $1"
        " union all select null, comment from duckdb_views() where schema_name = 'marts' and view_name = $1"
        " union all select column_name, comment from duckdb_columns() where schema_name = 'marts' and table_name = $1",
        [name],
    ).fetchall()
    for column, comment in comments:
        if comment is None:
            continue
        kind = sql.SQL("table {}").format(sql.Identifier(schema, name))
        if column is not None:
            kind = sql.SQL("column {}").format(sql.Identifier(schema, name, column))
        said = sql.Literal(comment.replace("\0", ""))
        connection.execute(sql.SQL("comment on {} is {}").format(kind, said))
