"""Rooms in one in-memory DuckDB: to start a database takes longer than most of a night's small steps.

Each room has tables of its own, which go when it is left; no two see each other's, whatever their threads. Steps
whose number of threads is a setting start a database of their own, for that is said once per database.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count

import duckdb
import pyarrow as pa

_numbers = count()
_PIECE = 122_880  # rows of a row group of DuckDB


@cache
def _database(process: int) -> duckdb.DuckDBPyConnection:
    """The database of a process: a forked one has none of the threads of its parent's."""
    return duckdb.connect(":memory:")


@contextmanager
def room() -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to an empty room; what it registers and creates is gone afterwards, also after an error."""
    name = f"room_{next(_numbers)}"
    with _database(os.getpid()).cursor() as connection:
        connection.execute(f"attach ':memory:' as {name}")
        connection.execute(f"use {name}")
        try:
            yield connection
        finally:
            connection.execute("use memory")
            connection.execute(f"detach {name}")


def in_pieces(table: pa.Table, rows: int = _PIECE) -> pa.Table:
    """The table in batches, each of which DuckDB gives to one of its threads."""
    table = table.combine_chunks()
    return pa.Table.from_batches(table.to_batches(max_chunksize=rows), table.schema)
