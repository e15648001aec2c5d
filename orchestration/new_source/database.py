"""Looking at a database: reflection for columns, keys and references, and some rows of each table."""

from __future__ import annotations

from typing import Any

import sqlalchemy
from sqlalchemy import types

from orchestration.new_source.found import ROWS_LOOKED_AT, FoundColumn, FoundTable, lake_names
from orchestration.new_source.keys import likely_cursor
from orchestration.raw.declaration.sql import SqlSource
from orchestration.raw.errors import SourceError

_DRIVERS = {"postgresql": "postgresql+psycopg", "mysql": "mysql+pymysql", "mariadb": "mariadb+pymysql"}
_CONNECT_TIMEOUT_S = 10


def sample_database(declaration: SqlSource) -> list[FoundTable]:
    """The declared tables of a database.

    Raises:
        SourceError: the database is out of reach or refuses the login; a table is not there.
    """
    url = _address(declaration)
    try:
        engine = sqlalchemy.create_engine(
            url.set(drivername=_DRIVERS.get(url.get_backend_name(), url.drivername)),
            connect_args={"connect_timeout": _CONNECT_TIMEOUT_S},
        )
        with engine.connect() as connection:
            inspector = sqlalchemy.inspect(connection)
            return [_table(declaration, name, connection, inspector) for name in declaration.tables]
    except (sqlalchemy.exc.SQLAlchemyError, ImportError) as error:
        raise SourceError(
            declaration.source,
            "*",
            f"{url.host}:{url.port}/{url.database} can't be read as {url.username} ({type(error).__name__})",
            "check that the server runs, and the host, database, user and password in the variable behind location",
        ) from None


def _address(declaration: SqlSource) -> sqlalchemy.URL:
    try:
        return sqlalchemy.make_url(declaration.resolve(declaration.location))
    except sqlalchemy.exc.ArgumentError:
        raise SourceError(
            declaration.source,
            "*",
            "its location is not a database URL",
            "write it as postgresql://user:password@host:port/database, with @ : / in the password as %40 %3A %2F",
        ) from None


def _table(declaration: SqlSource, name: str, connection: Any, inspector: Any) -> FoundTable:
    declared, schema = declaration.tables[name], declaration.database_schema
    in_database = declared.table or name
    try:
        reflected = inspector.get_columns(in_database, schema=schema)
    except sqlalchemy.exc.NoSuchTableError:
        found = {*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)}
        there = ", ".join(sorted(found)) or "none"
        raise SourceError(
            declaration.source,
            name,
            f"no table {in_database} in {f'schema {schema}' if schema else 'the database'}",
            f"correct its name in {declaration.source}.yml, or grant select on it; there are: {there}",
        ) from None
    columns = _columns(declaration, name, in_database, reflected, connection)
    names = {column.name for column in columns}
    primary = inspector.get_pk_constraint(in_database, schema=schema).get("constrained_columns") or []
    tables_here = {table.table or other: other for other, table in declaration.tables.items()}
    foreign = {
        key["constrained_columns"][0]: tables_here[key["referred_table"]]
        for key in inspector.get_foreign_keys(in_database, schema=schema)
        if len(key["constrained_columns"]) == 1 and key["referred_table"] in tables_here
    }
    return FoundTable(
        name,
        columns,
        key=tuple(declared.key) or tuple(primary),
        cursor=declared.cursor or likely_cursor(columns),
        references={column: table for column, table in foreign.items() if column in names},
    )


def _columns(
    declaration: SqlSource, name: str, in_database: str, reflected: list[dict[str, Any]], connection: Any
) -> tuple[FoundColumn, ...]:
    names = [column["name"] for column in reflected]
    renamed = lake_names(declaration, name, names)
    table = sqlalchemy.table(
        in_database, *(sqlalchemy.column(column) for column in names), schema=declaration.database_schema
    )
    rows = connection.execute(sqlalchemy.select(table).limit(ROWS_LOOKED_AT)).fetchall()
    return tuple(
        FoundColumn(
            column["name"],
            renamed[column["name"]],
            _lake_type(column["type"]),
            tuple(str(row[position]) for row in rows if row[position] not in (None, "")),
            " ".join((column.get("comment") or "").split()),
        )
        for position, column in enumerate(reflected)
    )


def _lake_type(kind: types.TypeEngine[Any]) -> str:
    if isinstance(kind, types.Boolean):
        return "boolean"
    if isinstance(kind, types.Integer):
        return "bigint"
    if isinstance(kind, types.Float):
        return "double"
    if isinstance(kind, types.Numeric):
        is_bounded = kind.precision is not None and kind.precision <= 38
        return f"decimal({kind.precision}, {kind.scale or 0})" if is_bounded else "decimal(18, 6)"
    if isinstance(kind, types.DateTime):
        return "timestamp"
    return "date" if isinstance(kind, types.Date) else "varchar"
