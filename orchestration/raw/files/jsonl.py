"""JSON lines as text, line by line, read by DuckDB: a line that is no object costs itself, not the file.

A value that is an object or a list is kept as JSON. The columns are the keys of all lines together.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import duckdb
import pyarrow as pa

from orchestration.lake import sql_identifier, sql_literal
from orchestration.raw.declaration.files import FileSet
from orchestration.raw.files.columns import MOST_COLUMNS, UNREADABLE, name_in_lake
from orchestration.raw.files.content import Content
from orchestration.raw.files.text import blocks_of_lines, lines_of

# Digits that a double can't hold are rounded by JSON readers; a line with such a number is read digit by digit.
_LONG_NUMBER = "[0-9.]{17}"
_LINES_AT_ONCE = 16_384


class JsonLines:
    """The rows of a file of JSON lines, all values text.

    Args:
        content: the file.
        table: its encoding and its columns.
        require: called with the names of the columns found; raises when one is missing.
    """

    def __init__(self, content: Content, table: FileSet, require: Callable[[list[str]], None]) -> None:
        self._content, self._table, self._require = content, table, require
        self._columns = list(table.columns)
        self._names = {name_in_lake(column): column for column in table.columns}
        self._found: set[str] = set()
        self._has_objects = False

    def read(self) -> Iterator[pa.Table]:
        """The rows, piece by piece; may be called again, and then knows the columns of all lines from the start."""
        with duckdb.connect() as connection:
            for block in blocks_of_lines(self._content.unpacked(), self._table.encoding):
                yield self._rows(connection, lines_of(block))
        if self._has_objects:
            self._require(sorted(self._found))

    def _rows(self, connection: duckdb.DuckDBPyConnection, lines: pa.StringArray) -> pa.Table:
        batches = pa.table({"line": lines}).to_batches(max_chunksize=_LINES_AT_ONCE)
        connection.register("delivered", pa.Table.from_batches(batches, pa.schema({"line": pa.string()})))
        connection.execute(
            f"""
            create or replace temp table lines as
            select line, case when is_object then json_keys(line) end as keys,
                is_object and contains(line, '.') and regexp_matches(line, '{_LONG_NUMBER}') as has_long_number
            from (
                select line, case when json_valid(line) then json_type(line) = 'OBJECT' else false end as is_object
                from delivered
                where trim(line, ' \t\r') <> ''
            );
            create or replace temp table shapes as
            select keys, len(keys) <= {MOST_COLUMNS} and len(keys) = list_unique(keys) as is_usable
            from (select distinct keys from lines where keys is not null);
            """
        )
        self._learn(connection)
        picked = ", ".join(
            f"extracted[{place}] as {sql_identifier(column)}" for place, column in enumerate(self._columns, start=1)
        )
        paths = "[" + ", ".join(sql_literal(_pointer(column)) for column in self._columns) + "]"
        rows = connection.execute(
            f"""
            select {picked}, case when not is_usable then ltrim(line, chr(0)) end as {UNREADABLE}
            from (
                select line, is_usable, case when is_usable then json_extract_string(line, {paths}) end as extracted
                from (
                    select line, has_long_number,
                        keys is not null and keys not in (select keys from shapes where not is_usable) as is_usable
                    from lines
                )
                where not (is_usable and has_long_number)
            )
            """
        ).to_arrow_table()
        long = connection.execute(
            "select line from lines where has_long_number and keys in (select keys from shapes where is_usable)"
        ).fetchall()
        return pa.concat_tables([rows, self._digit_by_digit([line for (line,) in long])]) if long else rows

    def _learn(self, connection: duckdb.DuckDBPyConnection) -> None:
        """New keys become columns, in the order of their names; lines with a key that can't be one are unusable."""
        keys = connection.execute(
            "select distinct unnest(keys) as key from shapes where is_usable order by key"
        ).fetchall()
        unfit = []
        for (key,) in keys:
            self._has_objects = True
            if key in self._found:
                continue
            said = name_in_lake(key)
            if said is None or self._names.get(said, key) != key:
                unfit.append(key)
                continue
            if said not in self._names:
                if len(self._names) >= MOST_COLUMNS:
                    unfit.append(key)
                    continue
                self._names[said] = key
                self._columns.append(key)
            self._found.add(key)
        if unfit:
            connection.execute("update shapes set is_usable = false where list_has_any(keys, $unfit)", {"unfit": unfit})

    def _digit_by_digit(self, lines: list[str]) -> pa.Table:
        rows: list[dict[str, str | None]] = []
        for line in lines:
            try:
                said = json.loads(line, parse_float=_Digits, parse_int=_Digits)
                rows.append({column: _as_said(said.get(column)) for column in self._columns} | {UNREADABLE: None})
            except (ValueError, RecursionError):
                rows.append(dict.fromkeys(self._columns) | {UNREADABLE: line})
        return pa.Table.from_pylist(rows, pa.schema([(column, pa.string()) for column in [*self._columns, UNREADABLE]]))


class _Digits(str):
    """A number as it was written."""


def _as_said(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return _compact(value)


def _compact(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_compact(key)}:{_compact(inner)}" for key, inner in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    return str(value) if isinstance(value, _Digits) else json.dumps(value, ensure_ascii=False)


def _pointer(key: str) -> str:
    """A key as a JSON pointer (RFC 6901), which unlike a path has no wildcards."""
    return "/" + key.replace("~", "~0").replace("/", "~1")
