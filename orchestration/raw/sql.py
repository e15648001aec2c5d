"""Connector `sql`: tables of any SQLAlchemy database, read with ConnectorX into Arrow, by cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy
from dlt.sources.sql_database import sql_table

from orchestration.raw.cursor import since_last_pull
from orchestration.raw.declaration.sql import SqlSource
from orchestration.raw.errors import SourceError

_CONNECT_TIMEOUT_S = 10


def sql_resources(declaration: SqlSource, interruptions: list[SourceError]) -> Iterator[Any]:
    """One dlt resource per declared table; only rows at or past the last cursor are asked for.

    Raises:
        SourceError: the database can't be reached or refuses the login; a table or column is missing.
    """
    engine = _engine(declaration)
    try:
        found = _columns_by_table(declaration, engine)
        for name, table in declaration.tables.items():
            _require_columns(declaration, name, table.columns, found.get(name))
            resource = sql_table(
                credentials=engine,
                table=name,
                schema=declaration.database_schema,
                backend="connectorx",
                backend_kwargs={"return_type": "arrow"},
                reflection_level="full",
                incremental=since_last_pull(table.cursor or ""),
                write_disposition="append",
            )
            yield resource
    finally:
        engine.dispose()


def _engine(declaration: SqlSource) -> sqlalchemy.Engine:
    url = _sqlalchemy_url(declaration)
    is_postgresql = url.get_backend_name() == "postgresql"
    try:
        return sqlalchemy.create_engine(
            url.set(drivername="postgresql+psycopg") if is_postgresql else url,
            connect_args={"connect_timeout": _CONNECT_TIMEOUT_S} if is_postgresql else {},
        )
    except (ImportError, sqlalchemy.exc.NoSuchModuleError):
        raise SourceError(
            declaration.source,
            "*",
            f"no driver for {url.get_backend_name()} is installed",
            "install SQLAlchemy's driver for it into .venv, or name an installed one in the location",
        ) from None


def _sqlalchemy_url(declaration: SqlSource) -> sqlalchemy.URL:
    text = declaration.resolve(declaration.location)
    try:
        url = sqlalchemy.make_url(text)
        if text.count("@") > 1:
            raise ValueError("an @ inside the password would be read as the end of it")
    except (sqlalchemy.exc.ArgumentError, ValueError):
        raise SourceError(
            declaration.source,
            "*",
            "its location is not a database URL",
            "write it as postgresql://user:password@host:port/database, with @ : / in the password as %40 %3A %2F",
        ) from None
    return url


def _columns_by_table(declaration: SqlSource, engine: sqlalchemy.Engine) -> dict[str, set[str]]:
    try:
        with engine.connect() as connection:
            inspector = sqlalchemy.inspect(connection)
            found = inspector.get_multi_columns(
                schema=declaration.database_schema, kind=sqlalchemy.engine.reflection.ObjectKind.ANY
            )
    except sqlalchemy.exc.OperationalError as error:
        reason = str(error.orig)
        if "authentication failed" in reason or "password" in reason:
            raise SourceError(
                declaration.source,
                "*",
                f"{engine.url.host} refuses the user {engine.url.username} or its password",
                f"check the user and password in the variable behind {declaration.source}.yml: location",
            ) from None
        raise SourceError(
            declaration.source,
            "*",
            f"no connection to {engine.url.host}:{engine.url.port}/{engine.url.database}",
            "check that the server runs, the host, port and database name, and the network",
            is_transient=True,
        ) from None
    return {table: {column["name"] for column in columns} for (_, table), columns in found.items()}


def _require_columns(declaration: SqlSource, table: str, expected: list[str], found: set[str] | None) -> None:
    where = f"schema {declaration.database_schema}" if declaration.database_schema else "the database"
    if found is None:
        raise SourceError(
            declaration.source,
            table,
            f"no such table in {where}, or this user may not read it",
            f"grant select on it, or correct its name in {declaration.source}.yml",
        )
    missing = [column for column in expected if column not in found]
    if missing:
        raise SourceError(
            declaration.source,
            table,
            f"column {', '.join(missing)} is missing",
            f"ask {declaration.owner} to bring it back, or change {declaration.source}.yml and its staging model",
        )
