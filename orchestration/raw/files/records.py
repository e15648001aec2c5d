"""Which lines of a CSV are records, and which are not: quotes, records over several lines, lines out of form.

A record is what `Grammar` says, nothing looser, so that every parser reads the same from it. A quote that is never
closed costs its own line: the lines after it are records again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from orchestration.raw.files.text import MARK, lines_of, unmarked

MOST_LINES = 10_000
LONGEST_RECORD = 8 * 1024 * 1024


class Grammar:
    """RFC 4180 with another delimiter and, in unquoted values, quotes anywhere but at their ends."""

    def __init__(self, delimiter: str) -> None:
        mark = re.escape(delimiter)
        quoted = r'"[^"]*(?:""[^"]*)*"'

        def value(excluded: str) -> str:
            return rf'(?:{quoted}|(?:[^"{excluded}](?:[^{excluded}]*[^"{excluded}])?)?)'

        strict, loose = value(rf"{mark}\r\x00"), value(rf"{mark}\x00")
        self.whole = rf"^{strict}(?:{mark}{strict})*\r?$"
        self._loose = re.compile(rf"{loose}(?:{mark}{loose})*")
        self._value = re.compile(rf"(?:^|{mark})({loose})")
        self._opens = re.compile(rf'(?:{loose}{mark})*"[^"]*(?:""[^"]*)*')
        self._closes = re.compile(rf'[^"]*(?:""[^"]*)*"(?:{mark}{loose})*')
        self._reopens = re.compile(rf'[^"]*(?:""[^"]*)*"(?:{mark}{loose})*{mark}"[^"]*(?:""[^"]*)*')
        self._delimiter = delimiter

    def values(self, record: str) -> list[str] | None:
        """The values of a record as they stand there, with their quotes; None when it is none."""
        return self._value.findall(record) if self._loose.fullmatch(record) else None

    def plain(self, value: str) -> str:
        """A value without its quotes."""
        return value[1:-1].replace('""', '"') if value.startswith('"') else value

    def quoted(self, values: list[str]) -> str:
        """A record in which every value that isn't empty is quoted."""
        return self._delimiter.join(
            value if not value or value.startswith('"') else '"' + value.replace('"', '""') + '"' for value in values
        )

    def opens(self, line: str) -> bool:
        return self._opens.fullmatch(line) is not None

    def closes(self, line: str) -> bool:
        return self._closes.fullmatch(line) is not None

    def reopens(self, line: str) -> bool:
        return self._reopens.fullmatch(line) is not None


@dataclass(frozen=True)
class Records:
    """A block of lines told apart.

    Args:
        whole: the records, to be parsed.
        has_long: whether some of them go over several lines.
        broken: lines that are no record.
        rest: lines that may become one with the block that follows.
    """

    whole: bytes
    has_long: bool
    broken: list[str]
    rest: bytes


def lines_as_records(block: bytes) -> Records:
    """The lines of a block, each a record: where a quote is a character like any other."""
    if b"\0" not in block and block.count(b"\r") == block.count(b"\r\n"):
        return Records(block, False, [], b"")
    lines: list[str] = lines_of(block).to_pylist()
    broken = [line for line in lines if MARK in line or "\0" in line or "\r" in line.removesuffix("\r")]
    whole = [line for line in lines if line not in set(broken)]
    return Records(_joined(whole), False, [unmarked(line) for line in broken], b"")


def records_of(block: bytes, grammar: Grammar, columns: int, *, is_last: bool) -> Records:
    """The records of a block of lines (see text.blocks_of_lines), which have so many columns."""
    has_stray_return = block.count(b"\r") != block.count(b"\r\n")
    if b'"' not in block and b"\0" not in block and not has_stray_return:
        return Records(block, False, [], b"")
    lines = lines_of(block)
    odd = np.flatnonzero(~pc.match_substring_regex(lines, grammar.whole).to_numpy(zero_copy_only=False))
    if not len(odd):
        return Records(block, has_stray_return, [], b"")
    quoting = np.flatnonzero(pc.match_substring(lines, '"').to_numpy(zero_copy_only=False))
    texts: list[str] = lines.to_pylist()
    whole: list[str] = []
    broken: list[str] = []
    done = 0  # lines before it are told apart
    for first in odd.tolist():
        if first < done:
            continue
        whole.extend(texts[done:first])
        last = _last_line(texts, first, quoting, grammar, columns)
        if last is None and not is_last and sum(map(len, texts[first:])) < LONGEST_RECORD:
            return Records(_joined(whole), True, broken, _joined(texts[first:]))
        last = first if last is None else last
        done = last + 1
        record = "\n".join(texts[first:done]).removesuffix("\r")
        values = grammar.values(record)
        if values is None or len(values) != columns or MARK in record:
            broken.append(unmarked(record) if first == last else record.replace(MARK, ""))
        elif "\r" in record:
            whole.append(grammar.quoted(values))
        else:
            whole.append(record)
    whole.extend(texts[done:])
    return Records(_joined(whole), True, broken, b"")


def _last_line(texts: list[str], first: int, quoting: np.ndarray, grammar: Grammar, columns: int) -> int | None:
    """The last line of the record that begins at `first`: that line itself unless it is a good record over several
    lines; None when the block ends before that is known."""
    if not grammar.opens(texts[first].removesuffix("\r")):
        return first
    place = int(np.searchsorted(quoting, first, side="right"))
    room = columns  # a line that leaves one value and opens another needs a column of its own
    for line in quoting[place : place + MOST_LINES].tolist():
        if line - first >= MOST_LINES or not room:
            return first
        text = texts[line].removesuffix("\r")
        if grammar.closes(text):
            values = grammar.values("\n".join(texts[first : line + 1]).removesuffix("\r"))
            return line if values is not None and len(values) == columns else first
        if grammar.reopens(text):
            room -= 1
        elif not _only_doubled(text):
            return first
    return None if len(texts) - first < MOST_LINES else first


def _only_doubled(text: str) -> bool:
    """Whether a line within a quoted value neither ends nor leaves it: all of its quotes are doubled."""
    return '"' not in text.replace('""', "")


def _joined(lines: list[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode() if lines else b""


def first_record(block: bytes, grammar: Grammar) -> tuple[list[str] | None, bytes]:
    """The values of the first record of a file, without quotes, and what follows it; None when it is no record."""
    start = 0
    while block[start : start + 1] in (b"\n", b"\r"):
        start += 1
    end = start
    for _ in range(100):
        end = block.find(b"\n", end)
        if end < 0:
            break
        values = grammar.values(block[start:end].decode().removesuffix("\r"))
        if values is not None and end > start:
            return [grammar.plain(value) for value in values], block[end + 1 :]
        end += 1
    return None, b""
