"""How one column is read: an expression that every driver reads exactly, and what it becomes in the lake."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

# Stands in a query for a date or time that no calendar has, such as MySQL's 0000-00-00; far outside all that do.
NO_SUCH_MOMENT = -9_000_000_000_000_000_000
NO_SUCH_DAY = -2_000_000_000


class UnfitColumnError(Exception):
    """A column holds something that the lake can't carry. The message names the column and no value."""


@dataclass(frozen=True)
class Column:
    """A column of a table.

    Args:
        name: its name in the database.
        quoted: the same, quoted for a query.
        database_type: the type as the database writes it.
        expression: what is selected instead of the column: drivers fail on some types, or round them.
        read_as: the Arrow type in which the expression arrives.
        type: the Arrow type that the lake holds.
    """

    name: str
    quoted: str
    database_type: str
    expression: str
    read_as: pa.DataType
    type: pa.DataType

    @property
    def is_time(self) -> bool:
        """Whether it holds days or moments, from which a time can be taken off."""
        return pa.types.is_timestamp(self.type) or pa.types.is_date(self.type)


def as_the_lake_holds(rows: pa.Table, columns: Sequence[Column]) -> pa.Table:
    """What a driver read, in the types of the lake.

    Raises:
        UnfitColumnError: a value does not fit its column's type.
    """
    return pa.table({column.name: _converted(rows.column(column.name), column) for column in columns})


def _converted(values: pa.ChunkedArray, column: Column) -> pa.ChunkedArray:
    try:
        values = values.cast(column.read_as)
        if pa.types.is_temporal(column.type) and not values.type.equals(column.type):
            sentinel = NO_SUCH_DAY if pa.types.is_date(column.type) else NO_SUCH_MOMENT
            if pc.any(pc.equal(values, sentinel)).as_py():
                raise UnfitColumnError(f"column {column.name} holds dates that no calendar has, such as 0000-00-00")
        return values.cast(column.type)
    except pa.ArrowException:
        raise UnfitColumnError(
            f"column {column.name} ({column.database_type}) holds values that are not a {column.type}"
        ) from None
