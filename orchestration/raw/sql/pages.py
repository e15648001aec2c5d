"""A table in pages that fit the memory: ranges of the cursor, and of the key where many rows share one cursor.

Every row is in exactly one page, also rows whose cursor is empty. A range needs no row counts, and an index on the
cursor makes it cheap.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pyarrow as pa

from orchestration.raw.sql.columns import Column, as_the_lake_holds
from orchestration.raw.sql.database import Database

_FIRST_ROWS = 50_000  # until the width of the rows is known
_MOST_ROWS = 500_000
_PAGE_BYTES = 64 * 1024 * 1024


@dataclass
class TableReader:
    """Reads one table page by page.

    Args:
        database: where it is.
        name: the table's name in the declaration, for messages.
        quoted: the table's name for a query.
        columns: the columns to read.
    """

    database: Database
    name: str
    quoted: str
    columns: Sequence[Column]
    _rows: int = field(default_factory=lambda: _FIRST_ROWS)

    def rows(self, where: str = "true") -> pa.Table:
        """The rows that fulfil a condition, at once.

        Raises:
            SourceError: the database can't answer.
            UnfitColumnError: a column holds what the lake can't carry.
        """
        selected = ", ".join(f"{column.expression} as {column.quoted}" for column in self.columns)
        read = self.database.read(f"select {selected} from {self.quoted} where {where}", self.columns, self.name)
        rows = as_the_lake_holds(read, self.columns)
        if rows.num_rows:
            width = max(rows.nbytes // rows.num_rows, 1)
            self._rows = max(1, min(_MOST_ROWS, _PAGE_BYTES // width))
        return rows

    def pages(self, by: Sequence[Column], start: str | None = None) -> Iterator[pa.Table]:
        """All rows, page by page; with `start` those whose first column of `by` is at least that, or empty.

        Args:
            by: columns that cut the table into pages: the cursor, then the key.
            start: a value of the first of them, as written in a query.
        """
        for where in self._ranges(list(by), "true", start):
            yield self.rows(where)

    def _ranges(self, by: list[Column], where: str, start: str | None) -> Iterator[str]:
        if not by:
            yield where
            return
        first, rest = by[0], by[1:]
        lower = start
        while True:
            beyond = f"{where} and {first.quoted} >= {lower}" if lower is not None else where
            beyond = f"{beyond} and {first.quoted} is not null"
            cut = self._cut(first, beyond, lower)
            if cut is None:
                yield beyond
                break
            upper, is_same = cut
            if is_same:  # a page full of one value: by the next column
                yield from self._ranges(rest, f"{where} and {first.quoted} = {upper}", None)
                more = self._least(first, f"{where} and {first.quoted} > {upper}")
                if more is None:
                    break
                lower = more
            else:
                yield f"{beyond} and {first.quoted} < {upper}"
                lower = upper
        empty = f"{where} and {first.quoted} is null"
        if self._has_rows(empty):
            yield from self._ranges(rest, empty, None)

    def _cut(self, column: Column, where: str, lower: str | None) -> tuple[str, bool] | None:
        """Where the page after this one begins, and whether that is where this one begins; None: this is the last."""
        value = self.database.dialect.text_of(column)
        is_least = (
            f"{column.quoted} <= {lower}"
            if lower is not None
            else (f"{column.quoted} <= (select min({column.quoted}) from {self.quoted} where {where})")
        )
        answer = self.database.ask(
            f"select {value}, case when {is_least} then 1 else 0 end from {self.quoted} where {where}"
            f" order by {column.quoted} limit 1 offset {self._rows}",
            self.name,
        )
        return (self.database.dialect.literal(column, answer[0][0]), answer[0][1] == 1) if answer else None

    def _least(self, column: Column, where: str) -> str | None:
        least = self.database.dialect.text_of(column, f"min({column.quoted})")
        [(value,)] = self.database.ask(f"select {least} from {self.quoted} where {where}", self.name)
        return None if value is None else self.database.dialect.literal(column, value)

    def _has_rows(self, where: str) -> bool:
        return bool(self.database.ask(f"select 1 from {self.quoted} where {where} limit 1", self.name))
