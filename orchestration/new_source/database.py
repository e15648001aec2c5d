"""Looking at a database: columns and rows as the connector reads them, keys and references from its catalogue."""

from __future__ import annotations

from typing import Any

import sqlalchemy

from orchestration.new_source.found import ROWS_LOOKED_AT, FoundColumn, FoundTable, as_found_columns
from orchestration.new_source.keys import likely_cursor, likely_key
from orchestration.raw.declaration.sql import SqlSource
from orchestration.raw.errors import SourceError
from orchestration.raw.sql.columns import UnfitColumnError, as_the_lake_holds
from orchestration.raw.sql.database import Database


def sample_database(declaration: SqlSource) -> list[FoundTable]:
    """The declared tables of a database.

    Raises:
        SourceError: the database is out of reach or refuses the login; a table is not there.
    """
    database = Database(declaration)
    try:
        names = sorted({table.table or name for name, table in declaration.tables.items()})
        types: dict[str, dict[str, str]] = {}
        for table, column, kind in database.ask(database.dialect.catalogue_query(declaration.database_schema, names)):
            types.setdefault(table, {})[column] = kind
        engine = sqlalchemy.create_engine(database.url, poolclass=sqlalchemy.NullPool)
        with engine.connect() as connection:
            inspector = sqlalchemy.inspect(connection)
            return [_table(database, name, types, inspector) for name in declaration.tables]
    except sqlalchemy.exc.SQLAlchemyError as error:
        raise SourceError(
            declaration.source,
            "*",
            f"the catalogue of {database.url.host} can't be read ({type(error).__name__})",
            f"write key: of every table into {declaration.source}.yml, or let this user read the catalogue",
        ) from None
    finally:
        database.close()


def _table(database: Database, name: str, types: dict[str, dict[str, str]], inspector: Any) -> FoundTable:
    declaration = database.declaration
    declared, schema = declaration.tables[name], declaration.database_schema
    in_database = declared.table or name
    if in_database not in types:
        found = {*inspector.get_table_names(schema=schema), *inspector.get_view_names(schema=schema)}
        raise SourceError(
            declaration.source,
            name,
            f"no table {in_database} in {f'schema {schema}' if schema else 'the database'}",
            f"correct its name in {declaration.source}.yml, or grant select on it; there are:"
            f" {', '.join(sorted(found)) or 'none'}",
        )
    columns, looked_at = _columns(database, name, in_database, types[in_database], inspector)
    primary = inspector.get_pk_constraint(in_database, schema=schema).get("constrained_columns") or []
    tables_here = {table.table or other: other for other, table in declaration.tables.items()}
    references = {
        key["constrained_columns"][0]: tables_here[key["referred_table"]]
        for key in inspector.get_foreign_keys(in_database, schema=schema)
        if len(key["constrained_columns"]) == 1 and key["referred_table"] in tables_here
    }
    return FoundTable(
        name,
        columns,
        key=tuple(declared.key) or tuple(primary) or likely_key(name, columns, looked_at),
        cursor=declared.cursor or likely_cursor(columns),
        references=references,
        notes=("_unreadable",),
    )


def _columns(
    database: Database, name: str, in_database: str, types: dict[str, str], inspector: Any
) -> tuple[tuple[FoundColumn, ...], int]:
    declaration, dialect = database.declaration, database.dialect
    as_text = declaration.tables[name].as_text
    columns = [dialect.read_column(column, kind, column in as_text) for column, kind in types.items()]
    schema = [declaration.database_schema] if declaration.database_schema else []
    quoted = ".".join(map(dialect.quoted, [*schema, in_database]))
    selected = ", ".join(f"{column.expression} as {column.quoted}" for column in columns)
    try:
        rows = as_the_lake_holds(
            database.read(f"select {selected} from {quoted} limit {ROWS_LOOKED_AT}", columns, name), columns
        )
    except UnfitColumnError as error:
        raise SourceError(
            declaration.source,
            name,
            str(error),
            f"have it mended there, or name the column in as_text in {declaration.source}.yml",
        ) from None
    told = inspector.get_columns(in_database, schema=declaration.database_schema)
    comments = {column["name"]: " ".join((column.get("comment") or "").split()) for column in told}
    return as_found_columns(declaration, name, rows, comments), rows.num_rows
