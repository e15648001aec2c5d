"""The target PostgreSQL: a publication loaded aside, put in place between readers, readable by one role."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from orchestration.redact import without_values
from orchestration.serving.declaration import DSN, PostgresDeclaration
from orchestration.serving.manifest import VIEW, Manifest
from orchestration.serving.postgres_load import LoadError, load
from orchestration.serving.postgres_swap import (
    SwapError,
    drop_older,
    kept_name,
    kept_schemas,
    published_number,
    swap,
)

_PROGRAM = "customer-intelligence publish"
_ONE_AT_A_TIME = 7_220_418_015_331  # advisory lock: any number that nobody else takes
_SESSION = (
    *("statement_timeout = 0", "lock_timeout = 0", "idle_in_transaction_session_timeout = 0"),
    *("timezone = 'UTC'", "datestyle = 'ISO, YMD'", "search_path = pg_catalog"),
)


class PostgresError(Exception):
    """The publication did not get into PostgreSQL, which has what it had before; one line that says why."""


@dataclass(frozen=True)
class Loaded:
    """What a publication in PostgreSQL came to.

    Args:
        rows: in all tables.
        seconds: to load, index and put in place.
        waited_s: of them, for readers in the middle of transactions.
        notes: what a person should know, one line each.
    """

    rows: int
    seconds: float
    waited_s: float
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Postgres:
    """One database that readers read.

    Args:
        address: of libpq; may hold a password, so it is never shown.
        declared: schema, role, and how much is kept.
    """

    address: str
    declared: PostgresDeclaration

    def __repr__(self) -> str:
        return "Postgres(address not shown)"

    @property
    def where(self) -> str:
        """Host, port and database."""
        try:
            parts = conninfo_to_dict(self.address)
        except psycopg.Error:
            raise PostgresError(
                f"{DSN} is no address of PostgreSQL. Remedy: postgresql://user:password@host:5432/database"
            ) from None
        return f"{parts.get('host', 'local')}:{parts.get('port', 5432)}/{parts.get('dbname', parts.get('user', ''))}"

    def publish(self, file: Path, manifest: Manifest) -> Loaded:
        """Load a finished publication and put it in place.

        Raises:
            PostgresError: it can't be reached, or refused; what readers see there is as it was.
        """
        schema, started = self.declared.schema_name, time.monotonic()
        with self._connected() as connection:
            published_number(connection, schema)  # before any work: somebody else's schema is not ours to replace
            notes = self._make_role(connection)
            incoming = f"{schema}_next"
            if replaced := load(connection, incoming, file, manifest):
                notes.append(f"{replaced:,} NUL characters were replaced by U+FFFD: PostgreSQL takes none in a text")
            if self._role_exists(connection):
                self._grant(connection, incoming)
            waited = self._put_in_place(connection, incoming, manifest, notes)
        return Loaded(manifest.rows, time.monotonic() - started, waited, tuple(notes))

    def put_back(self, file: Path, manifest: Manifest) -> Loaded:
        """The same with a publication of before; where its schema is kept, by renames alone."""
        schema, started = self.declared.schema_name, time.monotonic()
        with self._connected() as connection:
            kept = kept_name(schema, manifest.number)
            if kept in kept_schemas(connection, schema) and self._name(connection, kept) == manifest.name:
                notes: list[str] = []
                waited = self._put_in_place(connection, kept, manifest, notes)
                return Loaded(manifest.rows, time.monotonic() - started, waited, tuple(notes))
        return self.publish(file, manifest)

    def published(self) -> str | None:
        """Name of the publication that readers see; None when there is none."""
        with self._connected() as connection:
            if published_number(connection, self.declared.schema_name) is None:
                return None
            return self._name(connection, self.declared.schema_name)

    def _put_in_place(
        self, connection: psycopg.Connection, incoming: str, manifest: Manifest, notes: list[str]
    ) -> float:
        schema, keep = self.declared.schema_name, self.declared.keep
        before, waited = swap(connection, schema, incoming, self.declared.patience.total_seconds())
        if before == kept_name(schema, manifest.number):  # the same publication once more
            notes += drop_older(connection, schema, keep=0, only=before)
            before = None
        notes += drop_older(connection, schema, keep, newest=before)
        return waited

    def _name(self, connection: psycopg.Connection, schema: str) -> str | None:
        row = connection.execute(sql.SQL("select max(publication) from {}").format(sql.Identifier(schema, VIEW)))
        return row.fetchone()[0]

    def _role_exists(self, connection: psycopg.Connection) -> bool:
        role = self.declared.reader_role
        return connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone() is not None

    def _make_role(self, connection: psycopg.Connection) -> list[str]:
        role = self.declared.reader_role
        if self._role_exists(connection):
            return []
        try:
            connection.execute(sql.SQL("create role {} nologin").format(sql.Identifier(role)))
        except psycopg.errors.DuplicateObject:
            return []
        except psycopg.errors.InsufficientPrivilege:
            return [
                f"nobody but the publisher can read: the role {role} is not there and this user may not create it."
                f" Remedy: as an administrator, create role {role} nologin; then publish again"
            ]
        return []

    def _grant(self, connection: psycopg.Connection, schema: str) -> None:
        role = sql.Identifier(self.declared.reader_role)
        with connection.transaction():
            connection.execute(sql.SQL("grant usage on schema {} to {}").format(sql.Identifier(schema), role))
            connection.execute(
                sql.SQL("grant select on all tables in schema {} to {}").format(sql.Identifier(schema), role)
            )

    @contextmanager
    def _connected(self) -> Iterator[psycopg.Connection]:
        where = self.where
        try:
            connection = psycopg.connect(
                self.address, autocommit=True, connect_timeout=10, application_name=_PROGRAM, client_encoding="utf8"
            )
        except psycopg.Error as error:
            raise PostgresError(
                f"PostgreSQL at {where} can't be reached ({without_values(str(error))}). Remedy: start it or mend"
                f" {DSN}, then make nightly ARGS='--select key:serving/serving_postgres'"
            ) from None
        with connection:
            try:
                self._set_up(connection, where)
                try:
                    yield connection
                finally:  # the server ends a closed session in its own time; the next one must not find the lock taken
                    with suppress(psycopg.Error):
                        connection.execute("select pg_advisory_unlock(%s)", [_ONE_AT_A_TIME])
            except (SwapError, LoadError) as error:
                raise PostgresError(f"PostgreSQL at {where}: {error}") from None
            except psycopg.Error as error:
                raise PostgresError(f"PostgreSQL at {where}: {_said(error)}. What readers see is as it was") from None

    def _set_up(self, connection: psycopg.Connection, where: str) -> None:
        for setting in _SESSION:
            connection.execute(f"set {setting}")
        encoding = connection.info.parameter_status("server_encoding")
        if encoding != "UTF8":
            raise PostgresError(
                f"PostgreSQL at {where}: the database is encoded in {encoding}. Remedy: a database with encoding UTF8"
            )
        if not connection.execute("select pg_try_advisory_lock(%s)", [_ONE_AT_A_TIME]).fetchone()[0]:
            raise PostgresError(f"PostgreSQL at {where}: another publication is under way there. Remedy: wait for it")


def _said(error: psycopg.Error) -> str:
    """What PostgreSQL said without the details, which quote rows."""
    if isinstance(error, psycopg.errors.InsufficientPrivilege):
        return (
            f"{without_values(error.diag.message_primary or 'not allowed')}. Remedy: the publisher needs CREATE on the"
            " database and to own what it published before"
        )
    context: Any = error.diag.context or ""
    table = context.split(",")[0] + ": " if context.startswith("COPY ") else ""
    return table + without_values(error.diag.message_primary or str(error))
