"""The CSV of decisions as a file: which bytes are which rows, whatever spreadsheet wrote them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping

COLUMNS = (
    "decision",
    "source_system_a",
    "source_key_a",
    "source_system_b",
    "source_key_b",
    "decided_by",
    "decided_on",
    "reason",
)
_SEPARATORS = ",;\t"


class OverridesError(Exception):
    """The file as a whole cannot be read; one line that says what to do."""


def rows(content: bytes) -> Iterator[tuple[int, Mapping[str, str] | None]]:
    """(line, cells by column) of every row that is not blank; None in place of cells where they do not fit.

    Raises:
        OverridesError: it is no such table: another encoding, a column is missing, a quote never ends.
    """
    lines, separator, skipped = _layout(content)
    reader = csv.reader(io.StringIO("".join(lines), newline=""), delimiter=separator, strict=True)
    header: list[str] | None = None
    start = 1
    try:
        for cells in reader:
            line, start = start, reader.line_num + 1
            if not any(cell.strip() for cell in cells):
                continue
            if header is None:
                header = _header(cells)
                continue
            while len(cells) > len(header) and not cells[-1].strip():
                cells.pop()
            yield line + skipped, dict(zip(header, cells, strict=True)) if len(cells) == len(header) else None
    except csv.Error:
        raise OverridesError(
            f"from line {start + skipped} on it is no table: a quotation mark is opened and never closed, or stands"
            " inside a cell. Write it twice inside a quoted cell"
        ) from None
    if header is None:
        raise OverridesError(f"it is empty. Write a first line with the columns {', '.join(COLUMNS)}, or remove it")


def _layout(content: bytes) -> tuple[list[str], str, int]:
    """(lines from the header on, separator, lines before it)."""
    lines = _text(content).splitlines(keepends=True)
    skipped = 0
    if lines and lines[0].lower().startswith("sep="):  # a hint of spreadsheets to themselves
        skipped, lines = 1, lines[1:]
    first = next((line for line in lines if line.strip()), "")
    return lines, max(_SEPARATORS, key=first.count), skipped


def _text(content: bytes) -> str:
    is_wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    # A file of a Chinese spreadsheet is GB18030; what is neither is most likely a Western one.
    for encoding in ("utf-16",) if is_wide else ("utf-8-sig", "gb18030", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise OverridesError("this is no text file. Save it as CSV (UTF-8)")


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip().lower() for cell in cells]
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise OverridesError(
            f"column {', '.join(missing)} is missing. The first line names the columns: {', '.join(COLUMNS)}"
        )
    if double := sorted({name for name in names if name in COLUMNS and names.count(name) > 1}):
        raise OverridesError(f"column {', '.join(double)} is there twice. Keep one of them")
    return names
