"""CSV as text, record by record: one that breaks the format costs itself, not the file.

`records.py` tells records from broken lines; pyarrow's reader makes columns of them. Empty is null, unless quoted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

import pyarrow as pa
from pyarrow import csv

from orchestration.raw.declaration.files import FileSet
from orchestration.raw.files.columns import UNREADABLE, unreadable_rows, usable_names
from orchestration.raw.files.content import Content
from orchestration.raw.files.records import Grammar, Records, first_record, lines_as_records, records_of
from orchestration.raw.files.refusal import FileRefused
from orchestration.raw.files.text import blocks_of_lines


def read_csv(content: Content, table: FileSet, require: Callable[[list[str]], None]) -> Iterator[pa.Table]:
    """The rows of a CSV file, all values text.

    Args:
        content: the file.
        table: its dialect and its columns.
        require: called with the names of the columns found; raises when one is missing.

    Raises:
        FileRefused: there is no header, or its names can't be columns.
    """
    grammar = Grammar(table.delimiter)
    blocks = blocks_of_lines(_with_line_feeds(content.unpacked()), table.encoding)
    rest, names = b"", None
    if not table.has_header:
        names = list(table.columns)
    for block in blocks:
        block = rest + block
        if names is None:
            names, block = _header(block, grammar)
            require(names)
        records = records_of(block, grammar, len(names), is_last=False) if table.quotes else lines_as_records(block)
        rest = records.rest
        yield _rows(records, names, table)
    if names is None:
        raise FileRefused("is empty: not even its header is there")
    if rest:
        records = records_of(rest, grammar, len(names), is_last=True)
        yield _rows(records, names, table)


def _with_line_feeds(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same with line feeds, where lines end with carriage returns alone."""
    is_old = None
    for block in blocks:
        if is_old is None:
            is_old = b"\n" not in block and b"\r" in block
        yield block.replace(b"\r", b"\n") if is_old else block


def _header(block: bytes, grammar: Grammar) -> tuple[list[str], bytes]:
    found, rest = first_record(block, grammar)
    if found is None:
        raise FileRefused("has no header line that can be read")
    return usable_names(found), rest


def _rows(records: Records, names: list[str], table: FileSet) -> pa.Table:
    broken = list(records.broken)

    def keep(row: csv.InvalidRow) -> str:
        broken.append(row.text)
        return "skip"

    pieces = []
    if records.whole.strip(b"\r\n"):
        rows = csv.read_csv(
            pa.BufferReader(records.whole),
            read_options=csv.ReadOptions(column_names=names, block_size=len(records.whole) + 1),
            parse_options=csv.ParseOptions(
                delimiter=table.delimiter,
                quote_char='"' if table.quotes else False,
                newlines_in_values=records.has_long,
                invalid_row_handler=keep,
                ignore_empty_lines=True,
            ),
            convert_options=csv.ConvertOptions(
                column_types={name: pa.string() for name in names},
                check_utf8=False,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        pieces.append(rows.append_column(UNREADABLE, pa.nulls(rows.num_rows, pa.string())))
    pieces.append(unreadable_rows(broken, names))
    return pa.concat_tables(pieces)
