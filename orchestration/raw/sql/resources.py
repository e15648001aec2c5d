"""The tables of a database as dlt resources: what is at or past the last cursor, less the overlap."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import pyarrow as pa

from orchestration.raw.declaration.sql import SqlSource, SqlTable
from orchestration.raw.errors import SourceError
from orchestration.raw.landed import DELETIONS, Landed
from orchestration.raw.notes import NOTES
from orchestration.raw.shape import require_columns
from orchestration.raw.sql.columns import Column, UnfitColumnError
from orchestration.raw.sql.database import Database
from orchestration.raw.sql.deletions import KeyComparison
from orchestration.raw.sql.pages import TableReader


def sql_resources(
    declaration: SqlSource, interruptions: list[SourceError], raw: Path, deleted: dict[str, int]
) -> Iterator[Any]:
    """One dlt resource per declared table, and `_deletions` where a table compares its keys.

    Args:
        declaration: the source's declaration.
        interruptions: takes the errors that are raised once the rows have landed.
        raw: the lake's folder of raw tables, with which rows and keys are compared.
        deleted: takes the number of keys noticed as deleted, by table.

    Raises:
        SourceError: the database can't be reached or refuses the login; a table or column is missing.
    """
    database = Database(declaration)
    try:
        types = _types_by_table(database)
    finally:
        database.close()
    noticed: list[pa.Table] = []
    for name, table in declaration.tables.items():
        pull = _TablePull(database, name, table, types[name], raw, interruptions, noticed, deleted)
        yield dlt.resource(_rows, name=name, write_disposition="append")(pull).add_map(pull.only_new)
    if any(table.compare_keys is not None for table in declaration.tables.values()):
        # dlt exhausts resources in their order (see load.py): the comparisons are done when this one begins.
        yield dlt.resource(_noticed, name=DELETIONS, write_disposition="append")(noticed)


def _rows(pull: _TablePull) -> Iterator[pa.Table]:
    yield from pull.rows()


def _noticed(tables: list[pa.Table]) -> Iterator[pa.Table]:
    yield from tables


class _TablePull:
    def __init__(
        self,
        database: Database,
        name: str,
        table: SqlTable,
        types: dict[str, str],
        raw: Path,
        interruptions: list[SourceError],
        noticed: list[pa.Table],
        deleted: dict[str, int],
    ) -> None:
        self.database, self.name, self.table, self.types, self.raw = database, name, table, types, raw
        self.interruptions, self.noticed, self.deleted = interruptions, noticed, deleted
        self.landed: Landed | None = None

    def rows(self) -> Iterator[pa.Table]:
        declaration, state = self.database.declaration, dlt.current.resource_state()
        naming = dlt.current.source_schema().naming
        self.landed = Landed(
            self.raw, declaration.source, self.name, self.table.cursor, self.table.key, naming.normalize_identifier
        )
        try:
            columns = self._columns(state, naming.normalize_identifier)
            reader = TableReader(self.database, self.name, self._quoted(), columns)
            by_name = {column.name: column for column in columns}
            cursor, key = by_name[self.table.cursor], [by_name[column] for column in self.table.key]
            newest = self._newest(cursor)
            comparison = self._comparison(state, reader, key)
            hints = _without_zone(columns)
            for page in reader.pages([cursor, *key], self._start(cursor, state.get("cursor"), newest)):
                if comparison is not None:
                    comparison.read(page)
                yield dlt.mark.with_hints(page, hints) if hints else page
                hints = None
            if newest is not None:
                state["cursor"] = newest
            if comparison is not None:
                yield from self._compare(comparison, state)
            elif self.table.compare_keys is not None:
                state.setdefault("keys_compared_at", datetime.now(UTC).isoformat())
        except UnfitColumnError as error:
            raise SourceError(
                declaration.source,
                self.name,
                str(error),
                f"have it mended there, or name the column in as_text in {declaration.source}.yml and load the table"
                " under another name",
            ) from None
        finally:
            self.database.close()

    def only_new(self, rows: pa.Table) -> pa.Table | None:
        """Without the rows that landed before; nothing where none is left."""
        assert self.landed is not None
        new = self.landed.only_new(rows)
        return new if new.num_rows else None

    def _quoted(self) -> str:
        """The table's name in the database, quoted."""
        parts = (self.database.declaration.database_schema, self.table.table or self.name)
        quoted = self.database.dialect.quoted
        return ".".join(quoted(part) for part in parts if part)

    def _columns(self, state: dict[str, Any], in_lake: Any) -> list[Column]:
        """The declared columns and all others, but for those whose name in the lake is taken."""
        if "as_text" not in state:
            typed = self._read_columns([])
            state["as_text"] = [column.name for column in typed if column.name in self._unfit(typed)]
        return self._read_columns([*state["as_text"], *self.table.as_text], in_lake)

    def _read_columns(self, as_text: Sequence[str], in_lake: Any = str) -> list[Column]:
        columns: list[Column] = []
        taken = {*NOTES, *map(in_lake, self.table.columns)}
        for name, kind in self.types.items():
            if name in self.table.columns or (in_lake(name) not in taken and not name.startswith("_dlt")):
                columns.append(self.database.dialect.read_column(name, kind, name in as_text))
                taken.add(in_lake(name))
        return columns

    def _unfit(self, columns: list[Column]) -> set[str]:
        """Columns that hold something at the first pull that their type in the lake can't: they become text."""
        probes = {column.name: probe for column in columns if (probe := self.database.dialect.unfit(column))}
        if not probes:
            return set()
        counted = ", ".join(f"max(case when {probe} then 1 else 0 end)" for probe in probes.values())
        [answer] = self.database.ask(f"select {counted} from {self._quoted()}", self.name)
        return {name for name, found in zip(probes, answer, strict=True) if found}

    def _newest(self, cursor: Column) -> str | None:
        """The newest cursor, as text; a day ahead of now at most, or one wrong year would end all pulls to come."""
        newest = f"max({cursor.quoted})"
        if cursor.is_time:
            newest = f"least({newest}, {self.database.dialect.tomorrow(cursor)})"
        text = self.database.dialect.text_of(cursor, newest)
        query = f"select case when max({cursor.quoted}) is not null then {text} end from {self._quoted()}"
        [(value,)] = self.database.ask(query, self.name)
        return None if value is None else str(value)

    def _start(self, cursor: Column, last: str | None, newest: str | None) -> str | None:
        """Where to read from, as written in a query; None: from the beginning."""
        overlap = int(self.table.overlap / timedelta(seconds=1))
        if overlap and not cursor.is_time:
            source = self.database.declaration.source
            raise SourceError(
                source,
                self.name,
                f"overlap is a time, but the cursor {cursor.name} ({cursor.database_type}) holds none",
                f"leave overlap out of {source}.yml, or name a cursor of dates or times",
            )
        if last is None:
            return None
        dialect = self.database.dialect
        start = dialect.literal(cursor, last)
        if newest is not None and newest != last:  # a database that was set back is read from where it stands now
            start = f"least({start}, {dialect.literal(cursor, newest)})"
        return dialect.earlier(cursor, start, overlap) if overlap else start

    def _comparison(self, state: dict[str, Any], reader: TableReader, key: list[Column]) -> KeyComparison | None:
        assert self.landed is not None
        every, last = self.table.compare_keys, state.get("keys_compared_at")
        if every is None or self.landed.is_empty or not key:
            return None
        if last is not None and datetime.now(UTC) < datetime.fromisoformat(last) + every:
            return None
        return KeyComparison(reader, key, self.landed, self.table.most_deleted)

    def _compare(self, comparison: KeyComparison, state: dict[str, Any]) -> Iterator[pa.Table]:
        try:
            noticed = comparison.noticed()
        except SourceError as error:
            self.interruptions.append(error)
            return
        yield from comparison.missing_rows()
        self.noticed.extend(table for table in noticed if table.num_rows)
        self.deleted[self.name] = comparison.deleted_count
        state["keys_compared_at"] = datetime.now(UTC).isoformat()


def _without_zone(columns: Sequence[Column]) -> Any:
    """Hints for dlt, which takes a time without a zone for one in UTC unless told; None where there is none."""
    local = [column.name for column in columns if pa.types.is_timestamp(column.type) and column.type.tz is None]
    naive = {name: {"name": name, "data_type": "timestamp", "timezone": False} for name in local}
    return dlt.mark.make_hints(columns=naive) if naive else None


def _types_by_table(database: Database) -> dict[str, dict[str, str]]:
    declaration = database.declaration
    names = {name: table.table or name for name, table in declaration.tables.items()}
    query = database.dialect.catalogue_query(declaration.database_schema, sorted(set(names.values())))
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in database.ask(query):
        found.setdefault(table, {})[column] = kind
    where = f"schema {declaration.database_schema}" if declaration.database_schema else "the database"
    for name, in_database in names.items():
        if in_database not in found:
            raise SourceError(
                declaration.source,
                name,
                f"no such table in {where}, or this user may not read it",
                f"grant select on it, or correct its name in {declaration.source}.yml",
            )
        require_columns(declaration, name, list(found[in_database]), where)
    return {name: found[in_database] for name, in_database in names.items()}
