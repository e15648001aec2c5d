"""What a look at a source found: its tables, their columns, keys and a few values, in memory only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from orchestration.raw.declaration import SourceDeclaration
from orchestration.raw.errors import SourceError
from orchestration.raw.naming import NamingConvention
from orchestration.raw.notes import SOURCE_FILE, UNREADABLE

ROWS_LOOKED_AT = 500
NOTES = (SOURCE_FILE, UNREADABLE)


@dataclass(frozen=True)
class FoundColumn:
    """A column of a table.

    Args:
        name: its name in the source.
        lake_name: its name in the lake, as the loader writes it.
        type: its type in the lake, as dbt's sources declare it (varchar, bigint, decimal(12, 2), timestamp, …).
        values: some values as text, empty ones left out. Never written or printed.
        comment: what the source says about it, if it does.
    """

    name: str
    lake_name: str
    type: str
    values: tuple[str, ...] = ()
    comment: str = ""

    @property
    def is_text(self) -> bool:
        return self.type == "varchar"


@dataclass(frozen=True)
class FoundTable:
    """A table, endpoint, set of files or sheet.

    Args:
        name: its name in the declaration.
        columns: in the source's order.
        key: columns (source names) that identify a row; empty when nobody knows.
        cursor: column that grows with every change; None when there is none.
        references: column -> table of the declaration whose key it holds.
        notes: what its connector notes of a row besides: the file it came in, the line it could not read.
    """

    name: str
    columns: tuple[FoundColumn, ...]
    key: tuple[str, ...] = ()
    cursor: str | None = None
    references: dict[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    def column(self, name: str) -> FoundColumn:
        """The column of that name in the source."""
        return next(column for column in self.columns if column.name == name)


_NAMING = NamingConvention()


def lake_names(declaration: SourceDeclaration, table: str, names: list[str]) -> dict[str, str]:
    """The names that the loader gives to columns: lower case, words joined by underscores.

    Raises:
        SourceError: two columns would become one.
    """
    found = {name: _NAMING.normalize_identifier(name) for name in names}
    for name, lake_name in found.items():
        same = [other for other, other_name in found.items() if other_name == lake_name]
        if len(same) > 1:
            raise SourceError(
                declaration.source,
                table,
                f"the columns {' and '.join(same)} would both be called {lake_name} (seen at {name})",
                f"ask {declaration.owner} to name them apart in letters a to z, or to leave one out",
            )
    return found


def as_found_columns(
    declaration: SourceDeclaration, table: str, rows: pa.Table, comments: Mapping[str, str]
) -> tuple[FoundColumn, ...]:
    """The columns of rows as a connector yields them; its own notes are none of them."""
    own = [column for column in rows.column_names if column not in NOTES]
    renamed = lake_names(declaration, table, own)
    return tuple(
        FoundColumn(
            column,
            renamed[column],
            _lake_type(rows.schema.field(column).type),
            tuple(str(value) for value in rows.column(column).to_pylist() if value not in (None, "")),
            comments.get(column, ""),
        )
        for column in own
    )


def _lake_type(kind: pa.DataType) -> str:
    if pa.types.is_boolean(kind):
        return "boolean"
    if pa.types.is_integer(kind):
        return "bigint"
    if pa.types.is_floating(kind):
        return "double"
    if pa.types.is_decimal(kind):
        return f"decimal({kind.precision}, {kind.scale})"
    if pa.types.is_timestamp(kind):
        return "timestamp"
    return "date" if pa.types.is_date(kind) else "varchar"
