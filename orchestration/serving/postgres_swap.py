"""Puts a loaded schema in the place of the one readers read: renames in one transaction, between readers.

A reader holds a lock on every table it has read until its transaction ends. The swap takes the exclusive lock on all
published tables first, so it happens when no transaction is in the middle of them, and who comes while it happens
finds the new names when the locks are gone. So no transaction reads two publications.
"""

from __future__ import annotations

import random
import re
import time

import psycopg
from psycopg import sql

from orchestration.serving.manifest import VIEW

_SHARE_OF_DEADLOCK_TIMEOUT = 0.6  # we give up before PostgreSQL looks for deadlocks, in which it might end a reader
_LONGEST_WAIT_MS, _SHORTEST_WAIT_MS = 500, 10
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.05, 5.0
_BUSY = (psycopg.errors.LockNotAvailable, psycopg.errors.QueryCanceled, psycopg.errors.DeadlockDetected)


class SwapError(Exception):
    """The schema could not be put in place; one line that says why."""


def kept_name(schema: str, number: int) -> str:
    """Name of a schema that was published and is kept."""
    return f"{schema}_was_{number:06d}"


def published_number(connection: psycopg.Connection, schema: str) -> int | None:
    """Number of the publication that is in a schema; None when there is no such schema.

    Raises:
        SwapError: there is one that this pipeline did not publish.
    """
    if connection.execute("select to_regnamespace(%s)", [sql.Identifier(schema).as_string()]).fetchone()[0] is None:
        return None
    try:
        row = connection.execute(sql.SQL("select max(number) from {}").format(sql.Identifier(schema, VIEW))).fetchone()
    except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedColumn):
        row = (None,)
    if row[0] is None:
        raise SwapError(
            f"the schema {schema} is there and was not published from here. Remedy: rename or drop it, or declare"
            " another one (serving.yml, postgres.schema)"
        )
    return int(row[0])


def swap(connection: psycopg.Connection, schema: str, incoming: str, patience_s: float) -> tuple[str | None, float]:
    """Give `incoming` the name `schema`; (name under which the one before is kept, seconds waited for readers).

    Readers that come meanwhile wait half a second at most, time and again, and never for a reader before them.

    Args:
        connection: in autocommit mode.
        schema: the name readers use.
        incoming: the loaded schema.
        patience_s: how long to try while readers are in the middle of transactions.

    Raises:
        SwapError: readers held the tables all that time; what is published stays.
    """
    number = published_number(connection, schema)
    before = None if number is None else kept_name(schema, number)
    is_taken = before in kept_schemas(connection, schema)  # numbers began anew, as after the data folder was removed
    if is_taken and (problems := drop_older(connection, schema, keep=0, only=before)):
        raise SwapError(problems[0])
    started, pause = time.monotonic(), _FIRST_PAUSE_S
    while True:
        try:
            _swap_now(connection, schema, incoming, before)
            return before, time.monotonic() - started
        except _BUSY:
            if time.monotonic() - started > patience_s:
                raise SwapError(
                    f"readers held the tables of schema {schema} for {patience_s:.0f} s"
                    f" ({_holders(connection, schema)}); it stays as it is. Remedy: end those transactions and"
                    " publish again"
                ) from None
        time.sleep(pause * random.uniform(0.5, 1.0))  # so as not to fall into step with a reader's own rhythm
        pause = min(pause * 1.5, _LONGEST_PAUSE_S)


def _swap_now(connection: psycopg.Connection, schema: str, incoming: str, before: str | None) -> None:
    deadlock_ms = connection.execute("select setting::int from pg_settings where name = 'deadlock_timeout'").fetchone()
    wait_ms = max(_SHORTEST_WAIT_MS, min(_LONGEST_WAIT_MS, int(deadlock_ms[0] * _SHARE_OF_DEADLOCK_TIMEOUT)))
    with connection.transaction():
        if before:
            tables = [sql.Identifier(schema, name) for name in _tables(connection, schema)]
            connection.execute(sql.SQL("set local statement_timeout = {}").format(sql.Literal(wait_ms)))
            connection.execute(sql.SQL("lock table {} in access exclusive mode").format(sql.SQL(", ").join(tables)))
            connection.execute("set local statement_timeout = 0")
            _rename(connection, schema, before)
        _rename(connection, incoming, schema)


def _rename(connection: psycopg.Connection, schema: str, name: str) -> None:
    connection.execute(sql.SQL("alter schema {} rename to {}").format(sql.Identifier(schema), sql.Identifier(name)))


def _tables(connection: psycopg.Connection, schema: str) -> list[str]:
    rows = connection.execute(
        "select tablename from pg_catalog.pg_tables where schemaname = %s order by tablename", [schema]
    ).fetchall()
    return [name for (name,) in rows]


def _holders(connection: psycopg.Connection, schema: str) -> str:
    """Who holds a published table now, by process and program; nobody's query, which may hold values."""
    rows = connection.execute(
        "select distinct activity.pid, coalesce(nullif(activity.application_name, ''), 'unnamed')"
        " from pg_catalog.pg_locks as held"
        " join pg_catalog.pg_class as tables on tables.oid = held.relation"
        " join pg_catalog.pg_namespace as schemas on schemas.oid = tables.relnamespace"
        " join pg_catalog.pg_stat_activity as activity on activity.pid = held.pid"
        " where schemas.nspname = %s and held.granted and held.pid <> pg_backend_pid() order by 1",
        [schema],
    ).fetchall()
    return ", ".join(f"process {pid} of {program}" for pid, program in rows) or "nobody by now"


def kept_schemas(connection: psycopg.Connection, schema: str) -> list[str]:
    """The schemas that were published before and are kept, the newest last."""
    rows = connection.execute("select nspname from pg_catalog.pg_namespace order by nspname").fetchall()
    pattern = re.compile(re.escape(schema) + r"_was_\d{6,}")
    return [name for (name,) in rows if pattern.fullmatch(name)]


def drop_older(
    connection: psycopg.Connection, schema: str, keep: int, newest: str | None = None, only: str | None = None
) -> list[str]:
    """Drop kept schemas but the last `keep`; lines about those that can't be dropped.

    What somebody built upon old tables (a view binds to tables, not to names) is not dropped with them.

    Args:
        connection: in autocommit mode.
        schema: the name readers use.
        keep: how many stay.
        newest: the one that counts as the last, whatever its number.
        only: look at this one alone.
    """
    names = [only] if only else kept_schemas(connection, schema)
    in_order = sorted(names, key=lambda name: (name == newest, name))
    problems = []
    for name in in_order[: max(len(in_order) - keep, 0)]:
        try:
            with connection.transaction():
                connection.execute("set local lock_timeout = '2s'")
                tables = [sql.Identifier(name, table) for table in _tables(connection, name)]
                if tables:
                    connection.execute(sql.SQL("drop table {}").format(sql.SQL(", ").join(tables)))
                connection.execute(sql.SQL("drop schema {}").format(sql.Identifier(name)))
        except psycopg.errors.DependentObjectsStillExist:
            problems.append(
                f"{name} stays: something outside of it is built upon its tables, and goes on reading that old"
                f" publication. Remedy: define it upon {schema} again after each publication, or read {schema} itself"
            )
        except _BUSY:
            problems.append(f"{name} stays until the next publication: somebody reads it")
    return problems
