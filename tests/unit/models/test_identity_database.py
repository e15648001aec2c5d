"""Rooms of one database: nobody sees what another one made, and nothing stays."""

from __future__ import annotations

import os
from threading import Barrier

import duckdb
import pyarrow as pa
import pytest

from models.identity.database import _database, in_pieces, room
from models.identity.threads import in_threads


def _rooms() -> list[str]:
    names = _database(os.getpid()).sql("select database_name from duckdb_databases() where not internal").fetchall()
    return [name for (name,) in names if name != "memory"]


def test_rooms_side_by_side_hold_their_own() -> None:
    meet = Barrier(2, timeout=30)

    def fill(number: int) -> list[tuple[int]]:
        with room() as connection:
            connection.register("given", pa.table({"n": [number]}))
            connection.execute("create table kept as select n from given")
            connection.execute("create temp table passing as select n + 10 as n from kept")
            meet.wait()
            return connection.sql("select n from kept union all select n from passing order by n").fetchall()

    assert in_threads(fill, (1, 2)) == [[(1,), (11,)], [(2,), (12,)]]
    assert _rooms() == []


def test_a_room_goes_after_an_error_and_the_next_is_empty() -> None:
    with pytest.raises(duckdb.Error), room() as connection:
        connection.execute("create table kept as select 1 as n")
        connection.execute("select * from nowhere")
    assert _rooms() == []
    with room() as connection, pytest.raises(duckdb.CatalogException):
        connection.execute("select * from kept")


def test_pieces_are_the_table() -> None:
    table = pa.table({"n": range(10)})
    assert in_pieces(table, 3).equals(table)
    assert [len(batch) for batch in in_pieces(table, 3).to_batches()] == [3, 3, 3, 1]
    assert in_pieces(table.slice(0, 0)).num_rows == 0
