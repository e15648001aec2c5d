"""Excel workbooks (.xlsx, .xls, .ods) as text, as a person reads them: 2024-03-01 and 12.5, not 45352 and 12.500000001.

The header is the first row that holds every declared column; what stands above it is a title. A cell whose formula
failed is empty.
"""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa

from orchestration.raw.declaration.files import FileSet
from orchestration.raw.files.columns import UNREADABLE, usable_names
from orchestration.raw.files.content import Content
from orchestration.raw.files.refusal import FileRefused, damaged
from orchestration.raw.spreadsheet import column_letters

_MOST_UNPACKED_BYTES = 1024**3  # a workbook is held in memory as a whole
_HEADER_WITHIN = 50
_ROWS_AT_ONCE = 50_000


def read_excel(content: Content, table: FileSet, require: Callable[[list[str]], None]) -> Iterator[pa.Table]:
    """The rows of one sheet, all values text; empty rows are left out.

    Args:
        content: the file.
        table: its columns, and its sheet unless it is the first.
        require: called with the names of the columns found; raises when one is missing.

    Raises:
        FileRefused: it is no workbook, is too large, or lacks the sheet; or its names can't be columns.
    """
    sheet = _sheet(content, table.sheet)
    header, found = _header(sheet.iter_rows(), set(table.columns) - set(table.optional))
    below = _has_values(itertools.islice(sheet.iter_rows(), header + 1, None))
    width = max(len(found), len(below))
    found += [""] * (width - len(found))
    used = [place for place in range(width) if found[place] or (place < len(below) and below[place])]
    names = usable_names([found[place] or f"column_{column_letters(place).lower()}" for place in used])
    require(names)
    rows = itertools.islice(sheet.iter_rows(), header + 1, None)
    schema = pa.schema([(name, pa.string()) for name in [*names, UNREADABLE]])
    while piece := list(itertools.islice(rows, _ROWS_AT_ONCE)):
        texts = [[as_text(row[place]) if place < len(row) else None for place in used] for row in piece]
        filled = [row for row in texts if any(value is not None for value in row)]
        columns = [list(column) for column in zip(*filled, strict=True)] or [[] for _ in names]
        yield pa.Table.from_arrays(
            [pa.array(column, pa.string()) for column in [*columns, [None] * len(filled)]], schema=schema
        )


def _sheet(content: Content, name: str | None) -> Any:
    from python_calamine import CalamineWorkbook

    if not content.held:
        raise FileRefused("is too large for a workbook", "ask the owner to deliver it as CSV")
    with content.open() as stream:
        packed = io.BytesIO(stream.read())
    try:
        with zipfile.ZipFile(packed) as parts:
            if sum(part.file_size for part in parts.infolist()) > _MOST_UNPACKED_BYTES:
                raise FileRefused("is too large for a workbook", "ask the owner to deliver it as CSV")
    except (zipfile.BadZipFile, ValueError, NotImplementedError):
        pass  # an .xls is no zip file, and what is neither is refused below
    packed.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(packed)
        if name is not None and name not in book.sheet_names:
            raise FileRefused(f"has no sheet {name}", "correct `sheet` in the declaration, or ask the owner for it")
        if not book.sheet_names:
            raise FileRefused("has no sheet")
        return book.get_sheet_by_name(name) if name is not None else book.get_sheet_by_index(0)
    except FileRefused:
        raise
    except BaseException as error:  # its parser is written in Rust, whose panics are no Exception
        if isinstance(error, (KeyboardInterrupt, SystemExit)):
            raise
        raise damaged("excel", error) from None


def _header(rows: Iterator[list[Any]], declared: set[str]) -> tuple[int, list[str]]:
    """The place of the header and its names; without one, of the first row that holds anything."""
    first: tuple[int, list[str]] | None = None
    for place, row in enumerate(itertools.islice(rows, _HEADER_WITHIN)):
        names = [(as_text(value) or "").strip() for value in row]
        if declared <= set(names):
            return place, names
        if first is None and any(names):
            first = place, names
    if first is None:
        raise FileRefused("is empty: not even its header is there")
    return first


def _has_values(rows: Iterator[list[Any]]) -> list[bool]:
    """Which columns hold anything."""
    used: list[bool] = []
    for row in rows:
        used += [False] * (len(row) - len(used))
        for place, value in enumerate(row):
            if value != "" and not used[place]:
                used[place] = True
    return used


def as_text(value: Any) -> str | None:
    """A cell as a person reads it: ISO dates, numbers with the 15 digits that Excel has, TRUE and FALSE."""
    if value is None or value == "":
        return None
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        shown = format(Decimal(format(value, ".15g")), "f")
        return "0" if shown == "-0" else shown
    if isinstance(value, datetime):
        value = _to_second(value)
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, timedelta):
        seconds = round(value.total_seconds())
        return f"{'-' if seconds < 0 else ''}{abs(seconds) // 3600}:{abs(seconds) // 60 % 60:02}:{abs(seconds) % 60:02}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.replace(microsecond=0).isoformat()
    return str(value)


def _to_second(moment: datetime) -> datetime:
    """Excel holds a moment as a fraction of days, some microseconds off."""
    try:
        return (moment + timedelta(microseconds=500_000)).replace(microsecond=0)
    except OverflowError:
        return moment.replace(microsecond=0)
