"""Connector `sql`: tables of any SQLAlchemy database, read with ConnectorX into Arrow, by cursor."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dlt
import sqlalchemy
from dlt.sources.sql_database import sql_table

from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError

_CONNECT_TIMEOUT_S = 10


def sql_resources(declaration: SourceDeclaration) -> Iterator[Any]:
    """One dlt resource per declared table; only rows at or past the last cursor are asked for.

    Raises:
        SourceError: the database can't be reached or refuses the login; a table or column is missing.
    """
    engine = sqlalchemy.create_engine(
        _sqlalchemy_url(declaration), connect_args={"connect_timeout": _CONNECT_TIMEOUT_S}
    )
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
                incremental=dlt.sources.incremental(table.cursor, primary_key=tuple(table.key) or None),
                write_disposition="append",
            )
            yield resource
    finally:
        engine.dispose()


def _sqlalchemy_url(declaration: SourceDeclaration) -> sqlalchemy.URL:
    text = declaration.resolve(declaration.location)
    try:
        url = sqlalchemy.make_url(text)
    except sqlalchemy.exc.ArgumentError as error:
        raise SourceError(
            declaration.source,
            "*",
            "its location is not a database URL",
            "write it as postgresql://user:password@host:port/database",
        ) from error
    return url.set(drivername="postgresql+psycopg") if url.drivername == "postgresql" else url


def _columns_by_table(declaration: SourceDeclaration, engine: sqlalchemy.Engine) -> dict[str, set[str]]:
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
            ) from error
        raise SourceError(
            declaration.source,
            "*",
            f"no connection to {engine.url.host}:{engine.url.port}/{engine.url.database}",
            "check that the server runs, the host, port and database name, and the network",
            is_transient=True,
        ) from error
    return {table: {column["name"] for column in columns} for (_, table), columns in found.items()}


def _require_columns(declaration: SourceDeclaration, table: str, expected: list[str], found: set[str] | None) -> None:
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
