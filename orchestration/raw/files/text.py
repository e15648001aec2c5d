"""From bytes in any encoding to blocks of whole lines in UTF-8. What a line means is the readers' business.

A line that is no text (bytes that its encoding does not have, NUL bytes, more than 32 MB) stays in its place, marked:
it starts with NUL, which no other line holds.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator

import pyarrow as pa
import pyarrow.compute as pc

MARK = "\0"
LONGEST_LINE = 32 * 1024 * 1024
KEPT_OF_LONGER = 64 * 1024
_BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def blocks_of_lines(blocks: Iterable[bytes], encoding: str, longest: int = LONGEST_LINE) -> Iterator[bytes]:
    """Blocks of whole lines as UTF-8, each line ending with a line feed; lines that are no text start with MARK.

    Args:
        blocks: the file's bytes, unpacked.
        encoding: of the file, unless it starts with a byte-order mark.
        longest: bytes of the longest line that is kept whole.
    """
    blocks = _from_first_byte(iter(blocks))
    start = next(blocks, b"")
    for mark, said in _BYTE_ORDER_MARKS:
        if start.startswith(mark):
            encoding = said
            start = start[len(mark) :] if said == "utf-8" else start
            break
    name = codecs.lookup(encoding).name
    if name.startswith("utf-16"):  # its line feed is two bytes
        blocks, start, name = _as_utf8(_chained(start, blocks), name), b"", "utf-8"
    if name == "utf-8-sig":
        name = "utf-8"
    for lines in _whole_lines(_chained(start, blocks), longest):
        yield _as_text(lines, name)


def lines_of(block: bytes) -> pa.StringArray:
    """The lines of such a block, without their line feeds."""
    whole = pa.array([block[:-1]], type=pa.large_binary()).cast(pa.large_string())
    return pc.split_pattern(whole, "\n").values.cast(pa.string())


def unmarked(line: str) -> str:
    """A line as it is kept in `_unreadable`."""
    return line.removeprefix(MARK)


def _from_first_byte(blocks: Iterator[bytes]) -> Iterator[bytes]:
    """The same, its first block long enough to hold a byte-order mark."""
    start = b""
    for block in blocks:
        start += block
        if len(start) >= 4:
            break
    yield start
    yield from blocks


def _chained(start: bytes, blocks: Iterator[bytes]) -> Iterator[bytes]:
    if start:
        yield start
    yield from blocks


def _as_utf8(blocks: Iterator[bytes], encoding: str) -> Iterator[bytes]:
    """UTF-16 as UTF-8; what is invalid there is invalid here, at the same place."""
    decoder = codecs.getincrementaldecoder(encoding)("surrogatepass")
    for block in blocks:
        yield decoder.decode(block).encode("utf-8", "surrogatepass")
    try:
        yield decoder.decode(b"", final=True).encode("utf-8", "surrogatepass")
    except UnicodeDecodeError:  # it ends within a character
        yield b"\xff"


def _whole_lines(blocks: Iterator[bytes], longest: int) -> Iterator[bytes]:
    rest, cut = b"", 0  # `cut`: bytes that were left out of the line in `rest`
    for block in blocks:
        if cut:
            end = block.find(b"\n")
            if end < 0:
                cut += len(block)
                continue
            yield _shortened(rest, cut + end)
            rest, cut, block = b"", 0, block[end + 1 :]
        first, last = block.find(b"\n"), block.rfind(b"\n")
        if first >= 0 and len(rest) + first > longest:
            yield _shortened(rest, first, block[:first])
            rest, block, last = b"", block[first + 1 :], last - first - 1
        if last >= 0:
            yield rest + block[: last + 1]
            rest, block = b"", block[last + 1 :]
        rest += block
        if len(rest) > longest:
            kept = min(KEPT_OF_LONGER, longest)
            rest, cut = rest[:kept], len(rest) - kept
    if cut:
        yield _shortened(rest, cut)
    elif rest:
        yield rest + b"\n"


def _shortened(start: bytes, more: int, end: bytes = b"") -> bytes:
    size = len(start) + more
    kept = (start + end[:KEPT_OF_LONGER])[:KEPT_OF_LONGER]
    return b"\0" + kept + f" ... [a line of {size:,} bytes, of which {len(kept):,} are kept]\n".encode("ascii")


def _as_text(block: bytes, encoding: str) -> bytes:
    if b"\0" not in block:
        try:
            text = block.decode(encoding)
            return block if encoding == "utf-8" else text.encode()
        except UnicodeError:
            pass
    return b"".join(_line_as_text(line, encoding) for line in block[:-1].split(b"\n"))


def _line_as_text(line: bytes, encoding: str) -> bytes:
    if b"\0" not in line:
        try:
            return line.decode(encoding).encode() + b"\n"
        except UnicodeError:
            pass
    shown = line.removeprefix(b"\0").decode(encoding, "backslashreplace").replace("\0", "\\x00")
    return (MARK + shown).encode("utf-8", "backslashreplace") + b"\n"
