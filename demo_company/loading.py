"""Fills the PostgreSQL tables: everything visible by a day at first, only what is new or changed later."""

import tempfile
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import duckdb
import psycopg
from psycopg import sql

from demo_company.postgres import DATABASE, Postgres
from demo_company.schema import TABLES, SourceTable

ROLES = {"erp": "erp_reader", "crm": "crm_reader"}
_CHUNK = 1 << 20


def reset(server: Postgres, passwords: dict[str, str]) -> None:
    """An empty database with one schema per system; each role reads its own schema and nothing else."""
    with server.connect("postgres", autocommit=True) as admin:
        admin.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(DATABASE)))
        admin.execute(sql.SQL("create database {}").format(sql.Identifier(DATABASE)))
        for role in ROLES.values():
            known = admin.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone()
            verb = sql.SQL("alter role {} login password {}" if known else "create role {} login password {}")
            admin.execute(verb.format(sql.Identifier(role), sql.Literal(passwords[role])))
    with server.connect() as admin:
        admin.execute("revoke all on schema public from public")
        for schema, role in ROLES.items():
            admin.execute(sql.SQL("create schema {}").format(sql.Identifier(schema)))
            admin.execute(sql.SQL("grant usage on schema {} to {}").format(*map(sql.Identifier, (schema, role))))
            admin.execute(sql.SQL("alter role {} set search_path to {}").format(*map(sql.Identifier, (role, schema))))
            admin.execute(
                sql.SQL("alter default privileges in schema {} grant select on tables to {}").format(
                    *map(sql.Identifier, (schema, role))
                )
            )


def load(server: Postgres, world: Path, released: date | None, today: date) -> int:
    """Brings every table to the end of `today`; `released` is the day it shows already. Rows written.

    All or nothing: after an interruption the database still shows the day it showed before.
    """
    rows = 0
    with duckdb.connect() as con, server.connect() as admin, admin.transaction():
        con.execute("set threads to 2; set TimeZone to 'UTC'")
        for table in TABLES:
            visible = _visible(table, world, released, today)
            rows += _create(admin, con, table, visible) if released is None else _merge(admin, con, table, visible)
    return rows


def _visible(table: SourceTable, world: Path, released: date | None, today: date) -> str:
    """The newest version of every row that became visible after `released`, up to the end of `today`."""
    after = f"and updated_at >= timestamp '{released + timedelta(1)}'" if released else ""
    return f"""
        select {", ".join(table.columns)} from read_parquet('{world}/{table.world}.parquet')
        where updated_at < timestamp '{today + timedelta(1)}' {after}
        qualify row_number() over (partition by {", ".join(table.key)} order by updated_at desc) = 1"""


def _create(admin: psycopg.Connection, con: duckdb.DuckDBPyConnection, table: SourceTable, visible: str) -> int:
    """Table, rows and key; in one transaction PostgreSQL writes no log of the rows."""
    name = sql.Identifier(table.schema, table.name)
    columns = sql.SQL(", ").join(
        sql.SQL("{} {}").format(sql.Identifier(column), sql.SQL(kind)) for column, kind in table.columns.items()
    )
    admin.execute(sql.SQL("create table {} ({})").format(name, columns))
    rows = _copy(admin, con, name, visible)
    admin.execute(sql.SQL("alter table {} add primary key ({})").format(name, _identifiers(table.key)))
    return rows


def _merge(admin: psycopg.Connection, con: duckdb.DuckDBPyConnection, table: SourceTable, visible: str) -> int:
    name, arrivals = sql.Identifier(table.schema, table.name), sql.Identifier("arrivals")
    changes = sql.SQL(", ").join(
        sql.SQL("{0} = excluded.{0}").format(sql.Identifier(column))
        for column in table.columns
        if column not in table.key
    )
    admin.execute(sql.SQL("create temp table {} (like {})").format(arrivals, name))
    rows = _copy(admin, con, arrivals, visible)
    admin.execute(
        sql.SQL("insert into {} select * from {} on conflict ({}) do update set {}").format(
            name, arrivals, _identifiers(table.key), changes
        )
    )
    admin.execute(sql.SQL("drop table {}").format(arrivals))
    return rows


def _identifiers(columns: tuple[str, ...]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, columns))


def _copy(admin: psycopg.Connection, con: duckdb.DuckDBPyConnection, name: sql.Identifier, query: str) -> int:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        con.execute(f"copy ({query}) to '{path}' (format csv, header false)")
        with admin.cursor() as cursor:
            with cursor.copy(sql.SQL("copy {} from stdin (format csv)").format(name)) as copy:
                for chunk in _chunks(path):
                    copy.write(chunk)
            return cursor.rowcount


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk
