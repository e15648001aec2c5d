"""Looking at a source through its connector: columns, types, keys and a few rows, without loading anything."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import pyarrow as pa

from orchestration.new_source.exports import export_table, is_export
from orchestration.new_source.found import NOTES, ROWS_LOOKED_AT, FoundTable, as_found_columns
from orchestration.new_source.keys import likely_key, references_by_name
from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.declaration.sql import SqlSource
from orchestration.raw.errors import SourceError, explained


def sample(declaration: SourceDeclaration) -> list[FoundTable]:
    """The declared tables as they are in the source now.

    Raises:
        SourceError: the source or a table is out of reach, empty, or a key can't be told.
    """
    if isinstance(declaration, SqlSource):
        from orchestration.new_source.database import sample_database

        tables = sample_database(declaration)
    else:
        tables = [
            export_table(declaration, name) if is_export(declaration, name) else _first_rows(declaration, name)
            for name in declaration.tables
        ]
    for table in tables:
        if not is_export(declaration, table.name):  # Google's events have no key, its macro makes one
            _refuse_what_can_not_be_pulled(declaration, table)
    return references_by_name(tables)


def _first_rows(declaration: SourceDeclaration, name: str) -> FoundTable:
    only_it = declaration.model_copy(update={"tables": {name: declaration.tables[name]}})
    interruptions: list[SourceError] = []
    try:
        rows = _first_table(_connector(only_it, interruptions))
    except Exception as error:
        raise explained(declaration.source, error) from None
    if rows is None:
        if interruptions:
            raise interruptions[0]
        raise SourceError(
            declaration.source,
            name,
            "there is not a single row to look at",
            f"ask {declaration.owner} for one, or write columns and key into {declaration.source}.yml",
        )
    return _as_found(declaration, name, rows.slice(0, ROWS_LOOKED_AT))


def _connector(declaration: SourceDeclaration, interruptions: list[SourceError]) -> Iterable[Any]:
    if declaration.connector == "files":
        from orchestration.raw.files.connector import file_resources as resources
    elif declaration.connector == "sheet":
        from orchestration.raw.sheet import sheet_resources as resources
    else:
        from orchestration.raw.rest import rest_resources as resources
    return resources(declaration, interruptions)


def _first_table(resources: Any) -> pa.Table | None:
    for resource in resources:
        for item in resource:
            if isinstance(item, pa.Table) and item.num_rows:
                return item
    return None


def _as_found(declaration: SourceDeclaration, name: str, rows: pa.Table) -> FoundTable:
    columns = as_found_columns(declaration, name, rows, {})
    declared = declaration.tables[name]
    return FoundTable(
        name,
        columns,
        key=tuple(declared.key) or likely_key(name, columns, rows.num_rows),
        cursor=getattr(declared, "cursor", None),
        notes=tuple(note for note in NOTES if note in rows.column_names),
    )


def _refuse_what_can_not_be_pulled(declaration: SourceDeclaration, table: FoundTable) -> None:
    if not table.key:
        raise SourceError(
            declaration.source,
            table.name,
            "no column names its rows",
            f"write key: [column, …] into {declaration.source}.yml: the columns that together name a row",
        )
    if isinstance(declaration, SqlSource) and not table.cursor:
        raise SourceError(
            declaration.source,
            table.name,
            "no column tells when a row changed",
            f"write cursor: into {declaration.source}.yml: a column that grows with every change, such as updated_at",
        )
