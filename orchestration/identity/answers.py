"""Writing answers into the file of decisions: each at once and whole, in that file's own encoding and columns."""

from __future__ import annotations

import codecs
import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from models.identity.overrides import COLUMNS

_SEPARATORS = ",;\t"


class AnswersError(Exception):
    """An answer can't be written; one line that says what to do."""


def append_answer(path: Path, answer: Mapping[str, str]) -> None:
    """Add one line (by COLUMNS) to the file, which is made when it is not there yet; durable when this returns.

    Raises:
        AnswersError: its first line names no such columns, or its encoding lacks a character of the answer.
        OSError: it can't be written.
    """
    content = path.read_bytes() if path.exists() else b""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not content.strip():
        # The mark tells spreadsheets that it is UTF-8. Nobody else on the machine needs to read who is who.
        content, start = b"", codecs.BOM_UTF8 + (",".join(COLUMNS) + "\r\n").encode()
        columns, separator, encoding = list(COLUMNS), ",", "utf-8"
    else:
        start = b""
        columns, separator, encoding = _form(path.name, content)
    line = io.StringIO()
    csv.writer(line, delimiter=separator, lineterminator="\r\n").writerow([answer.get(name, "") for name in columns])
    try:
        made = line.getvalue().encode(encoding)
        end = "\n".encode(encoding)
    except UnicodeEncodeError:
        raise AnswersError(f"{path.name} is written in {encoding}, which lacks a character of the answer."
                           " Save it as CSV (UTF-8)") from None  # fmt: skip
    if content and not content.endswith(end):  # a line that a person, or a power cut, left open
        start = "\r\n".encode(encoding)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, start + made)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    if is_new:
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def _form(name: str, content: bytes) -> tuple[list[str], str, str]:
    """(columns, separator, encoding) of a file of decisions, in the order in which it is tried when it is read."""
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if content.startswith(mark):
            return *_header(name, content[2:].decode(encoding, "replace")), encoding
    for encoding in ("utf-8", "gb18030", "cp1252"):
        try:
            text = content.decode("utf-8-sig" if encoding == "utf-8" else encoding)
        except UnicodeDecodeError:
            continue
        return *_header(name, text), encoding
    raise AnswersError(f"{name} is no text file. Save it as CSV (UTF-8)")


def _header(name: str, text: str) -> tuple[list[str], str]:
    lines = [line for line in text.splitlines() if line.strip() and not line.lower().startswith("sep=")]
    first = lines[0] if lines else ""
    separator = max(_SEPARATORS, key=first.count)
    columns = [cell.strip().lower() for cell in next(csv.reader([first], delimiter=separator), [])]
    if missing := [column for column in COLUMNS if column not in columns]:
        raise AnswersError(f"{name}: column {', '.join(missing)} is missing in its first line")
    return columns, separator


def append_answers(path: Path, answers: Iterable[Mapping[str, str]]) -> None:
    """Add those answers that the file has not word for word: all of them once, after however many broken attempts.

    Raises what `append_answer` does.
    """
    content = path.read_bytes() if path.exists() else b""
    known = {_cells(row) for row in _rows(path.name, content)} if content.strip() else set()
    for answer in answers:
        if _cells(answer) not in known:
            append_answer(path, answer)
            known.add(_cells(answer))


def _cells(row: Mapping[str, str | None]) -> tuple[str, ...]:
    return tuple((row.get(column) or "").strip() for column in COLUMNS)


def _rows(name: str, content: bytes) -> list[dict[str, str | None]]:
    """The rows below the first line, by the names in it."""
    columns, separator, encoding = _form(name, content)
    text = content.decode("utf-16" if encoding.startswith("utf-16") else encoding).lstrip("\ufeff")
    reader = csv.DictReader(io.StringIO(text, newline=""), fieldnames=columns, delimiter=separator)
    return list(reader)[1:]


def answered(content: bytes) -> list[dict[str, str]]:
    """The rows of a filled-in queue that hold a decision, by COLUMNS.

    Raises:
        AnswersError: a column is missing, or a row with a decision lacks who, when or why.
    """
    found = []
    for row in _rows("the queue", content):
        answer = dict(zip(COLUMNS, _cells(row), strict=True))
        if not answer["decision"]:
            continue
        if missing := [column for column in COLUMNS if not answer[column]]:
            at = f"{answer['source_system_a']}:{answer['source_key_a']}"
            raise AnswersError(f"the answer about {at} lacks {', '.join(missing)}. Nothing was taken; fill it in")
        found.append(answer)
    return found
