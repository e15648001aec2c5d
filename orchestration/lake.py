"""Reading the warehouse and writing the lake: read-only there, whole files or nothing here."""

import filecmp
import hashlib
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import dagster as dg
import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.paths import DataDir
from orchestration.run_lock import run_lock, take
from orchestration.trouble import machine_trouble

Rows = pd.DataFrame | pa.Table | pa.RecordBatchReader

# While a model runs beside it, DuckDB takes half of what it may take while dbt builds, and moves the rest to disk.
READING_MEMORY = "2GB"


class Lake(dg.ConfigurableResource):
    """The data folder, for steps that read the warehouse and write the lake.

    Args:
        data_dir: root of the data folder.
    """

    data_dir: str

    def setup_for_execution(self, context: dg.InitResourceContext) -> None:
        take(self.data)

    def teardown_after_execution(self, context: dg.InitResourceContext) -> None:
        run_lock(self.data).release()

    @property
    def data(self) -> DataDir:
        return DataDir(Path(self.data_dir))

    @contextmanager
    def warehouse(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """The warehouse, read-only, closed again at the end."""
        with duckdb.connect(str(self.data.warehouse), read_only=True) as connection:
            limit = os.environ.get("WAREHOUSE_MEMORY_LIMIT", READING_MEMORY)
            connection.execute(f"set memory_limit = {sql_literal(limit)}")
            yield connection

    def as_of(self, warehouse: duckdb.DuckDBPyConnection) -> date:
        """The date tonight's run speaks for."""
        return warehouse.sql("select as_of from staged.run_date").fetchone()[0]

    def read(self, relative: str, columns: pa.Schema) -> pd.DataFrame:
        """One Parquet file of the lake; an empty table of `columns` when it is not there yet.

        Raises:
            dagster.Failure: the file is damaged; says what a person must do.
        """
        return self.read_table(relative, columns).to_pandas()

    def read_table(self, relative: str, columns: pa.Schema | None = None) -> pa.Table:
        """The same as an Arrow table; without `columns`, as the file has them.

        Raises:
            FileNotFoundError: it is not there, and no `columns` say what it would look like.
            dagster.Failure: the file is damaged; says what a person must do.
        """
        path = self.data.lake / relative
        if columns is not None and not path.exists():
            return columns.empty_table()
        with self._told_when_damaged(path):
            return pq.read_table(path, page_checksum_verification=True)

    def notes(self, relative: str) -> dict[str, str]:
        """What was noted on a Parquet file as it was written; nothing when it is not there.

        Raises:
            dagster.Failure: the file is damaged; says what a person must do.
        """
        path = self.data.lake / relative
        if not path.exists():
            return {}
        with self._told_when_damaged(path):
            return {key.decode(): value.decode() for key, value in (pq.read_schema(path).metadata or {}).items()}

    def verify(self, folder: str) -> None:
        """Every Parquet file below `folder` of the lake can be read and is what was written.

        Raises:
            dagster.Failure: a file is damaged; says what a person must do.
        """
        for path in sorted((self.data.lake / folder).glob("**/*.parquet")):
            with self._told_when_damaged(path), pq.ParquetFile(path, page_checksum_verification=True) as file:
                for _ in file.iter_batches():  # reading is checking; one batch in memory at a time
                    pass

    @contextmanager
    def _told_when_damaged(self, path: Path) -> Iterator[None]:
        try:
            yield
        except (pa.ArrowException, OSError) as error:
            if isinstance(error, FileNotFoundError) or machine_trouble(error):
                raise
            raise dg.Failure(
                description=f"{path.relative_to(self.data.root)} is damaged. Remedy: bring it back from the backup of"
                " the data folder; without one, remove it (what it said of earlier nights is lost) and run again",
                allow_retries=False,
            ) from None

    def write(
        self,
        relative: str,
        frame: Rows,
        columns: pa.Schema,
        notes: Mapping[str, str] | None = None,
    ) -> None:
        """Replace one Parquet file of the lake by `frame`, whole or not at all; `notes` are kept in the file.

        Raises:
            KeyError: a column of the contract is missing.
            pyarrow.ArrowInvalid: a value does not fit its column's type.
        """
        with self._replacing(relative) as unfinished:
            _write_parquet(frame, columns, notes, unfinished)

    def keep_once(
        self,
        relative: str,
        frame: Rows,
        columns: pa.Schema,
        notes: Mapping[str, str] | None = None,
    ) -> int:
        """Keep what was said, for ever: nothing that is there is lost; returns the number of the newest revision.

        The same bytes again change nothing. Other bytes become the next revision: `relative` holds the newest one,
        which is what readers are served, and every one before it stays in the folder `earlier` beside it.
        `first_kept` is the one to judge by. Raises what `write` raises.
        """
        path = self.data.lake / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = _unfinished(path)
        _write_parquet(frame, columns, notes, unfinished)
        if not path.exists():
            replace_durably(unfinished, path)
        elif filecmp.cmp(path, unfinished, shallow=False):
            unfinished.unlink()
        else:
            self._set_aside(path)
            replace_durably(unfinished, path)
        return self.revisions(relative)

    def _set_aside(self, path: Path) -> None:
        """Copy `path` to the folder `earlier`; once, also when a killed run had come this far before."""
        count = self.revisions(str(path.relative_to(self.data.lake)))
        last, kept = _earlier(path, count - 1), _earlier(path, count)
        if count > 1 and filecmp.cmp(path, last, shallow=False):
            return
        kept.parent.mkdir(exist_ok=True)
        unfinished = _unfinished(kept)
        shutil.copyfile(path, unfinished)
        replace_durably(unfinished, kept)

    def row_count(self, relative: str) -> int:
        """Rows of one Parquet file of the lake."""
        return pq.read_metadata(self.data.lake / relative).num_rows

    def revisions(self, relative: str) -> int:
        """How many answers were kept under this name; 0 when there is none."""
        path = self.data.lake / relative
        count = 1
        while _earlier(path, count).exists():
            count += 1
        return count if path.exists() else count - 1

    def first_kept(self, relative: str) -> str:
        """The file, relative to the lake, with what was said first under this name."""
        first = _earlier(self.data.lake / relative, 1)
        return str(first.relative_to(self.data.lake)) if first.exists() else relative

    def write_batches(self, relative: str, batches: Iterable[pa.RecordBatch], columns: pa.Schema) -> None:
        """Replace one Parquet file of the lake by `batches`, whole or not at all, one batch in memory at a time.

        Raises:
            pyarrow.ArrowInvalid: a value does not fit its column's type.
        """
        checked = {"write_page_checksum": True}
        with self._replacing(relative) as unfinished, pq.ParquetWriter(unfinished, columns, **checked) as writer:
            for batch in batches:
                writer.write_batch(batch.cast(columns))

    def write_text(self, relative: str, text: str) -> None:
        """Replace one text file of the lake, whole or not at all."""
        with self._replacing(relative) as unfinished:
            unfinished.write_text(text, encoding="utf-8")

    @contextmanager
    def _replacing(self, relative: str) -> Iterator[Path]:
        path = self.data.lake / relative
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = _unfinished(path)
        yield unfinished
        replace_durably(unfinished, path)


def _unfinished(path: Path) -> Path:
    return path.with_name(f".{path.name}.unfinished")


def _earlier(path: Path, revision: int) -> Path:
    return path.parent / "earlier" / f"{path.stem}.r{revision}{path.suffix}"


def _write_parquet(frame: Rows, columns: pa.Schema, notes: Mapping[str, str] | None, path: Path) -> None:
    about = dict(notes) if notes else None
    schema = columns.with_metadata(about) if about else columns.remove_metadata()
    with pq.ParquetWriter(path, schema, write_page_checksum=True) as writer:
        for group in _groups(frame, columns):
            writer.write_table(_words_in_order(group).replace_schema_metadata(about), _ROWS_PER_GROUP)


def _groups(frame: Rows, columns: pa.Schema) -> Iterator[pa.Table]:
    """The rows in tables as large as a row group, of a reader one at a time; at least one, be it empty."""
    if isinstance(frame, pa.RecordBatchReader):
        waiting = columns.empty_table()
        for batch in frame:
            new = pa.Table.from_batches([batch]).select(columns.names).cast(columns)
            waiting = pa.concat_tables([waiting, new])
            while waiting.num_rows > _ROWS_PER_GROUP:
                yield waiting.slice(0, _ROWS_PER_GROUP)
                waiting = waiting.slice(_ROWS_PER_GROUP)
        yield waiting
        return
    if isinstance(frame, pa.Table):
        table = frame.select(columns.names).cast(columns)
    else:
        table = pa.Table.from_pandas(frame[columns.names], schema=columns, preserve_index=False)
    for start in range(0, max(table.num_rows, 1), _ROWS_PER_GROUP):
        yield table.slice(start, _ROWS_PER_GROUP)


# Each group is put in order and written by itself: the texts of 25 million rows would not fit into one Arrow array.
_ROWS_PER_GROUP = 1024 * 1024


def _words_in_order(table: pa.Table) -> pa.Table:
    """The table with each dictionary in the order in which its words are used: the same values give the same bytes."""
    for at, column in enumerate(table.schema):
        if pa.types.is_dictionary(column.type):
            plain = table[at].cast(column.type.value_type).combine_chunks()
            table = table.set_column(at, column, plain.dictionary_encode().cast(column.type))
    return table


def replace_durably(unfinished: Path, path: Path) -> None:
    """Put a finished file in place of `path`; after a power cut there is the old or the new one, never half."""
    sync(unfinished)
    os.replace(unfinished, path)
    sync(path.parent)


def sync(path: Path) -> None:
    """Wait until a file or a folder is on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def file_digest(path: Path) -> str:
    """Digest of what is in a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def sql_literal(text: object) -> str:
    """`text` as a SQL string literal."""
    return "'" + str(text).replace("'", "''") + "'"


def sql_identifier(name: str) -> str:
    """`name` as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
