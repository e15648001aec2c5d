"""Reads published tables; a table that is not there reads as one without rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import duckdb


@dataclass
class Marts:
    """The schema `marts` of a published database, open for reading. What was asked once is remembered.

    Attributes:
        connection: DuckDB connection whose default catalog is the published file.
        unread: why a query could not be asked, for each: a publication of an earlier version may lack a column.
    """

    connection: duckdb.DuckDBPyConnection
    unread: list[str] = field(default_factory=list)
    _tables: set[str] = field(init=False)
    _answers: dict[tuple[str, str], list[dict[str, Any]]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        named = "select table_name from duckdb_tables() where schema_name = 'marts'"
        self._tables = {name for (name,) in self.connection.execute(named).fetchall()}

    def rows(self, sql: str, needs: Sequence[str], given: Sequence[Any] = ()) -> list[dict[str, Any]]:
        """The rows of a query as dictionaries; none when a table it `needs`, or a column of one, is not published."""
        if not set(needs) <= self._tables:
            return []
        asked = (sql, repr(given))
        if asked not in self._answers:  # the same page in another language asks the same
            self._answers[asked] = self._ask(sql, given)
        return [dict(row) for row in self._answers[asked]]

    def _ask(self, sql: str, given: Sequence[Any]) -> list[dict[str, Any]]:
        try:
            found = self.connection.execute(sql, list(given))
        except duckdb.BinderException as error:
            self.unread.append(str(error).splitlines()[0])
            return []
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    def one(self, sql: str, needs: Sequence[str], given: Sequence[Any] = ()) -> dict[str, Any]:
        """The first row of a query; empty when there is none."""
        return next(iter(self.rows(sql, needs, given)), {})

    def as_of(self) -> date | None:
        """The day that the newest published run speaks for."""
        newest = "select as_of from marts.pipeline_runs where status = 'published' order by started_at desc limit 1"
        return self.one(newest, ["pipeline_runs"]).get("as_of")
