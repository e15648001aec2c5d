"""Looks for values in every file of a folder: in its bytes, and in what compressed and columnar files hold."""

from __future__ import annotations

import base64
import gzip
import re
import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

_STATE = re.compile(rb'"state": ?"(eJ[A-Za-z0-9+/=]+)"')  # zlib's first bytes in base64
_ESCAPE = re.compile(rb"\\u([0-9a-fA-F]{4})")
_SEPARATORS = b" -.\t\r\n"


class Search:
    """A search for all `values` at once, as they are written and without separators."""

    def __init__(self, values: Iterable[str]) -> None:
        self.written = sorted({form for value in values for form in (value, bare(value))})
        self._pattern = "|".join(re.escape(form) for form in self.written)

    def in_bytes(self, content: bytes) -> set[str]:
        """The values in these bytes, also where blanks and dashes stand between their characters."""
        forms = pa.array([content, content.translate(None, _SEPARATORS)], pa.large_binary())
        if not pc.any(pc.match_substring_regex(forms, self._pattern)).as_py():
            return set()
        return {value for value in self.written for form in forms.to_pylist() if value.encode() in form}

    def in_folder(self, folder: Path, leave_out: Path | None = None) -> dict[str, set[str]]:
        """The values found, by file."""
        found = {}
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            if leave_out is None or not path.is_relative_to(leave_out):
                hits = set().union(*(self.in_bytes(form) for content in contents(path) for form in _unescaped(content)))
                if hits:
                    found[path.relative_to(folder).as_posix()] = hits
        return found


def bare(value: str) -> str:
    """A value without separators, in plain digits."""
    return "".join(character for character in unicodedata.normalize("NFKC", value) if character.isalnum())


def contents(path: Path) -> Iterator[bytes]:
    """A file's bytes, and what is in it when they are compressed."""
    raw = path.read_bytes()
    yield raw
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
        yield raw
    if raw[:4] == b"PAR1":
        with duckdb.connect() as connection:
            yield from _cells(connection, f"read_parquet('{path}')")
    if raw[8:12] == b"DUCK":
        with duckdb.connect(str(path), read_only=True) as connection:
            tables = connection.sql("select schema_name, table_name from duckdb_tables()").fetchall()
            for schema, table in tables:
                yield from _cells(connection, f'"{schema}"."{table}"')
    for state in _STATE.findall(raw):  # how dlt keeps where it stopped
        yield zlib.decompress(base64.b64decode(state))


def _unescaped(content: bytes) -> Iterator[bytes]:
    """The bytes, and what they say where JSON wrote letters as \\u4e00."""
    yield content
    if b"\\u" in content:
        text = _ESCAPE.sub(lambda code: chr(int(code[1], 16)).encode(errors="replace"), content)
        yield text
        yield unicodedata.normalize("NFKC", text.decode(errors="replace")).encode(errors="replace")


def _cells(connection: duckdb.DuckDBPyConnection, table: str) -> Iterator[bytes]:
    for name in connection.sql(f"select * from {table} limit 0").columns:
        cells = connection.sql(f'select distinct cast("{name}" as varchar) as cell from {table}').fetchall()
        text = "|".join(cell for (cell,) in cells if cell)  # a number is looked for within a cell
        yield text.encode(errors="replace")
        if not text.isascii():
            yield unicodedata.normalize("NFKC", text).encode(errors="replace")
