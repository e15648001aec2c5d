"""A file's rows, and none of them before the whole file proved readable. How a format is read is said beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pyarrow as pa

from orchestration.raw.declaration.files import FileSet, FilesSource
from orchestration.raw.errors import SourceError
from orchestration.raw.files.columns import name_in_lake
from orchestration.raw.files.content import Content
from orchestration.raw.files.csv import read_csv
from orchestration.raw.files.jsonl import JsonLines
from orchestration.raw.files.parquet import read_parquet
from orchestration.raw.files.refusal import ColumnsMissing, FileRefused, damaged
from orchestration.raw.shape import require_columns

_HELD_BYTES = 256 * 1024 * 1024
_PIECE_BYTES = 64 * 1024 * 1024


def checked_rows(
    content: Content,
    declaration: FilesSource,
    name: str,
    table: FileSet,
    check: Callable[[pa.Table], None],
    held_bytes: int = _HELD_BYTES,
) -> Iterator[pa.Table]:
    """The rows of a file, in pieces of some 64 MB. The first comes when the last line was read without fault.

    Rows that fit into `held_bytes` wait in memory for that; a larger file is read twice.

    Args:
        check: raises when the columns of a piece do not fit those that the lake has.

    Raises:
        FileRefused: the file can't be loaded; nothing of it was given out.
        SourceError: a large file changed between its two readings, when some of it was given out.
    """
    read = _reader(content, declaration, name, table)
    held: list[pa.Table] = []
    size = 0
    for piece in read():
        check(piece)
        size += piece.nbytes
        if size <= held_bytes:
            held.append(piece)
    content.check_unchanged()
    if size <= held_bytes:
        yield from _in_larger_pieces(iter(held))
        return
    held.clear()
    try:
        yield from _in_larger_pieces(read())
        content.check_unchanged()
    except FileRefused as refused:
        what, remedy = refused.about(content.name), refused.remedy or "pull again"
        raise SourceError(declaration.source, name, what, remedy, is_transient=True) from None


def _reader(content: Content, declaration: FilesSource, name: str, table: FileSet) -> Callable[[], Iterator[pa.Table]]:
    def require(found: list[str]) -> None:
        in_lake = {name_in_lake(column): column for column in found}
        for column in table.optional:
            if (other := in_lake.get(name_in_lake(column), column)) != column:
                raise FileRefused(
                    f"has {other} where {column} is declared, which are one name in the lake",
                    f"ask {declaration.owner} to bring the name back, or change {declaration.source}.yml",
                )
        try:
            require_columns(declaration, name, [*found, *table.optional], content.name.rpartition("/")[2])
        except SourceError as error:
            raise ColumnsMissing(error) from None

    lines = JsonLines(content, table, require)
    absent = list(table.optional) if table.format in ("csv", "excel") else []

    def read() -> Iterator[pa.Table]:
        try:
            for rows in _read(content, table, require, lines):
                for column in absent:
                    if column not in rows.column_names:
                        rows = rows.append_column(column, pa.nulls(rows.num_rows, pa.string()))
                if rows.num_rows:
                    yield rows
        except (FileRefused, SourceError, GeneratorExit):
            raise
        except BaseException as error:
            # What hostile bytes make a library say is never foreseen in full; a panic of Rust is no Exception.
            if isinstance(error, Exception) or type(error).__name__ == "PanicException":
                raise damaged(table.format, error) from None
            raise

    return read


def _read(
    content: Content, table: FileSet, require: Callable[[list[str]], None], lines: JsonLines
) -> Iterator[pa.Table]:
    if table.format == "csv":
        return read_csv(content, table, require)
    if table.format == "jsonl":
        return lines.read()
    if table.format == "parquet":
        return read_parquet(content, require)
    from orchestration.raw.files.excel import read_excel

    return read_excel(content, table, require)


def _in_larger_pieces(pieces: Iterator[pa.Table]) -> Iterator[pa.Table]:
    gathered: list[pa.Table] = []
    size = 0
    for piece in pieces:
        gathered.append(piece)
        size += piece.nbytes
        if size >= _PIECE_BYTES:
            yield pa.concat_tables(gathered, promote_options="default")
            gathered, size = [], 0
    if gathered:
        yield pa.concat_tables(gathered, promote_options="default")
