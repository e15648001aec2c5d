"""What of a table is in the lake already: rows that come again exactly as they are there are left out.

Belongs here: reading the raw files of one table, compared in DuckDB. Does not belong here: asking a source.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from orchestration.lake import sql_identifier, sql_literal
from orchestration.raw.errors import SourceError
from orchestration.redact import without_values

DELETIONS = "_deletions"


class Landed:
    """The raw files of one table, as they were when the pull began.

    Args:
        raw: the lake's folder of raw tables.
        source: name of the source.
        table: name of the table.
        cursor: column that grows with every change, as the source calls it.
        key: columns that identify a row, as the source calls them.
        in_lake: a column's name in the lake.
    """

    def __init__(
        self, raw: Path, source: str, table: str, cursor: str, key: Sequence[str], in_lake: Callable[[str], str]
    ) -> None:
        self.source, self.table = source, table
        self._files = sorted(map(str, (raw / source / table).glob("*.parquet")))
        self._deletions = sorted(map(str, (raw / source / DELETIONS).glob("*.parquet")))
        self._cursor, self._key, self._in_lake = cursor, [in_lake(column) for column in key], in_lake

    @property
    def is_empty(self) -> bool:
        """Whether nothing of the table has landed yet."""
        return not self._files

    def only_new(self, rows: pa.Table) -> pa.Table:
        """The rows that are not in the lake exactly as they are.

        A row is compared with the newest version of its key that landed at the same value of the cursor, or without
        one, so that a change back to what it was is a change too. Rows of a key that was noticed as deleted do not
        count as landed.
        """
        if self.is_empty or not rows.num_rows:
            return rows
        with self.connection() as connection:
            came = rows.rename_columns([f"c{number}" for number in range(rows.num_columns)])
            came = came.append_column("position", pa.array(np.arange(rows.num_rows)))
            connection.register("came", came)
            types = {name: kind for name, kind, *_ in connection.sql("describe from came").fetchall()}
            in_files = {name for name, *_ in connection.sql("describe from landed").fetchall()}
            same, picked = [], []
            for number, column in enumerate(rows.column_names):
                name = self._in_lake(column)
                value = f"try_cast({sql_identifier(name)} as {types[f'c{number}']})" if name in in_files else "null"
                picked.append(f"{value} as c{number}")
                same.append(f"came.c{number} is not distinct from landed_here.c{number}")
            cursor = f"c{rows.column_names.index(self._cursor)}"
            connection.execute(
                f"""
                create temp table new_positions as
                with range_of_page as (
                    select min({cursor}) as least, max({cursor}) as most, bool_or({cursor} is null) as has_empty
                    from came
                ),
                landed_here as (
                    select {", ".join(picked)} from landed_versions
                    where try_cast({self._lake_cursor} as {types[cursor]})
                        between (select least from range_of_page) and (select most from range_of_page)
                    {self._newest_of_key}
                    union all
                    select {", ".join(picked)} from landed_versions
                    where {self._lake_cursor} is null and (select has_empty from range_of_page)
                    {self._newest_of_key}
                )
                select position from came anti join landed_here on {" and ".join(same)}
                """
            )
            positions = connection.sql("from new_positions order by position").to_arrow_table().column(0)
        return rows if len(positions) == rows.num_rows else rows.take(pc.cast(positions, pa.int64()).combine_chunks())

    @contextmanager
    def connection(self, given: duckdb.DuckDBPyConnection | None = None) -> Iterator[duckdb.DuckDBPyConnection]:
        """DuckDB with views of what landed; a connection of its own, or a given one, which stays open.

        `landed` is all rows, `deleted` the keys noticed as deleted with the load that did so, `landed_versions` the
        rows of keys that were not deleted since. Nothing is spilled to disk.

        Raises:
            SourceError: a file can't be read.
        """
        with nullcontext(given) if given is not None else duckdb.connect() as connection:
            try:
                connection.execute("set temp_directory = ''; set TimeZone = 'UTC'")
                connection.execute(f"create view landed as {self._read(self._files)}")
                noticed = (
                    f"{self._read(self._deletions)} where table_name = {sql_literal(self.table)}"
                    if self._deletions
                    else "select '' as source_key, true as is_deleted, '' as _dlt_load_id where false"
                )
                connection.execute(
                    f"""
                    create view deleted as
                    select source_key, max(_dlt_load_id) as load_id from ({noticed})
                    group by source_key having arg_max(is_deleted, _dlt_load_id)
                    """
                )
                key = self.key_text(self._key)
                connection.execute(
                    f"""
                    create view landed_versions as
                    select landed.* from landed
                    {
                        f"anti join deleted on {key} = deleted.source_key and landed._dlt_load_id <= deleted.load_id"
                        if self._key and self._deletions
                        else ""
                    }
                    """
                )
                yield connection
            except duckdb.Error as error:
                raise SourceError(
                    self.source,
                    self.table,
                    f"what landed before can't be read ({type(error).__name__}: {without_values(str(error))})",
                    f"bring lake/raw/{self.source}/{self.table} back from the backup of the data folder",
                ) from None

    def key_of_landed(self) -> str:
        """A landed row's key as text."""
        return self.key_text(self._key)

    @staticmethod
    def key_text(columns: Sequence[str]) -> str:
        """The key as one text, as staging makes it; null where a part of it is empty."""
        parts = [f"nullif(cast({sql_identifier(column)} as varchar), '')" for column in columns]
        return " || '|' || ".join(parts) or "null"

    @property
    def _lake_cursor(self) -> str:
        return sql_identifier(self._in_lake(self._cursor))

    @property
    def _newest_of_key(self) -> str:
        if not self._key:
            return ""
        key, parts = self.key_text(self._key), ", ".join(map(sql_identifier, self._key))
        return (
            f"qualify {key} is null"
            f" or _dlt_load_id = max(_dlt_load_id) over (partition by {parts}, {self._lake_cursor})"
        )

    @staticmethod
    def _read(files: list[str]) -> str:
        return f"select * from read_parquet([{', '.join(map(sql_literal, files))}], union_by_name = true)"
