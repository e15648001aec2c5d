"""Rows that a database deleted: all of its keys compared with the lake's. Keys only are read, and kept as digests.

Belongs here: which keys are gone, back, or were never seen. Does not belong here: what staging makes of it (the macro
newest_version leaves deleted keys out).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence

import duckdb
import pyarrow as pa

from orchestration.lake import sql_identifier
from orchestration.raw.errors import SourceError
from orchestration.raw.landed import Landed
from orchestration.raw.sql.columns import Column
from orchestration.raw.sql.pages import TableReader

_FEW_ROWS = 100  # a table this small may lose any number of rows
_KEYS_AT_ONCE = 500
_AS_WRITTEN = "as written "


class KeyComparison:
    """One comparison of a table's keys with the lake.

    Args:
        reader: reads the table.
        key: its key columns.
        landed: what of it is in the lake.
        most_deleted: the share of the lake's keys that may go at once, in a table of more than 100 rows.
    """

    def __init__(self, reader: TableReader, key: Sequence[Column], landed: Landed, most_deleted: float) -> None:
        self._reader, self._key, self._landed, self._most_deleted = reader, list(key), landed, most_deleted
        self._keys = duckdb.connect()  # in memory; 16 bytes a key
        self._keys.execute("set temp_directory = ''; set TimeZone = 'UTC'")
        self._keys.execute("create table here (digest uhugeint); create table pulled (digest uhugeint)")
        self._keys.execute("create table missing (digest uhugeint)")
        self.deleted_count = 0

    def read(self, page: pa.Table) -> None:
        """Note the keys of rows that tonight's pull brings."""
        self._add(page, "pulled")

    def noticed(self) -> list[pa.Table]:
        """The rows for `_deletions`: keys gone from the source, and keys that came back.

        Raises:
            SourceError: so many keys are gone that the source is more likely broken than cleaned up.
        """
        for page in self._key_reader().pages(self._key):
            self._add(page, "here")
        with self._landed.connection(self._keys) as lake:
            key = self._landed.key_of_landed()
            lake.execute(f"create temp table known as select distinct {key} as source_key from landed_versions")
            lake.execute("delete from known where source_key is null")
            [(known,)] = lake.sql("select count(*) from known").fetchall()
            gone = self._noted(lake, "known", "anti", is_deleted=True)
            back = self._noted(lake, "deleted", "semi", is_deleted=False)
            lake.execute(f"create temp table ever as select distinct md5_number({key}) as digest from landed")
            lake.execute(
                "insert into missing"
                " select digest from here anti join ever using (digest) anti join pulled using (digest)"
                " union (select digest from (select md5_number(source_key) as digest from deleted)"
                " semi join here using (digest) anti join pulled using (digest))"
            )
        self.deleted_count = gone.num_rows
        if known > _FEW_ROWS and gone.num_rows > self._most_deleted * known:
            declaration = self._reader.database.declaration
            raise SourceError(
                declaration.source,
                self._reader.name,
                f"{gone.num_rows:,} of {known:,} rows are gone from the source, which looks like half a database",
                f"ask {declaration.owner}; if they are gone for good, set most_deleted: 1 for this table in"
                f" {declaration.source}.yml for one night",
            )
        return [gone, back]

    def missing_rows(self) -> Iterator[pa.Table]:
        """The rows of keys that the lake lacks or had noted as deleted; after `noticed`."""
        if not self._keys.sql("select count(*) from missing").fetchall()[0][0]:
            return
        dialect = self._reader.database.dialect
        columns = ", ".join(column.quoted for column in self._key)
        for page in self._key_reader(with_texts=True).pages(self._key):
            wanted = self._missing_of(page)
            for start in range(0, wanted.num_rows, _KEYS_AT_ONCE):
                chunk = wanted.slice(start, _KEYS_AT_ONCE).to_pylist()
                keys = ", ".join(
                    f"({', '.join(dialect.literal(part, row[_AS_WRITTEN + part.name]) for part in self._key)})"
                    for row in chunk
                )
                yield self._reader.rows(f"({columns}) in ({keys})")

    def _key_reader(self, with_texts: bool = False) -> TableReader:
        columns = list(self._key)
        if with_texts:
            for column in self._key:
                name = _AS_WRITTEN + column.name
                quoted = self._reader.database.dialect.quoted(name)
                text = self._reader.database.dialect.text_of(column)
                columns.append(Column(name, quoted, "text", text, pa.string(), pa.string()))
        return dataclasses.replace(self._reader, columns=columns)

    def _digest(self) -> str:
        return f"md5_number({Landed.key_text([column.name for column in self._key])})"

    def _add(self, page: pa.Table, table: str) -> None:
        self._keys.register("page", page.select([column.name for column in self._key]))
        self._keys.execute(f"insert into {table} select digest from (select {self._digest()} as digest from page)")
        self._keys.execute(f"delete from {table} where digest is null; drop view page")

    def _missing_of(self, page: pa.Table) -> pa.Table:
        self._keys.register("page", page)
        texts = ", ".join(sql_identifier(_AS_WRITTEN + column.name) for column in self._key)
        wanted = self._keys.sql(
            f"select {texts} from (select *, {self._digest()} as digest from page) semi join missing using (digest)"
        ).to_arrow_table()
        self._keys.execute("drop view page")
        return wanted

    def _noted(self, lake: duckdb.DuckDBPyConnection, keys: str, join: str, is_deleted: bool) -> pa.Table:
        keys_text = lake.sql(
            f"select source_key from {keys} {join} join here on md5_number(source_key) = digest order by source_key"
        ).to_arrow_table()
        count = keys_text.num_rows
        return pa.table(
            {
                "table_name": pa.repeat(pa.scalar(self._reader.name), count),
                "source_key": keys_text.column(0).cast(pa.string()),
                "is_deleted": pa.repeat(pa.scalar(is_deleted), count),
            }
        )
