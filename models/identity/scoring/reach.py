"""The block keys of every record, kept from night to night: who may be a pair with a record that has changed."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

from ..database import room
from ..threads import in_threads
from .blocking import make_keys
from .model import Model
from .prepare import complete

NO_KEY = 0
_LOW = 2**20 - 1


def block_keys(connection: duckdb.DuckDBPyConnection, model: Model, order: str = "row_id") -> pa.Table:
    """The upper halves of the numbers in the table `keys` (see `make_keys`), as b0, b1 … (uint32), ordered.

    NO_KEY where there is none. Two records that meet under a rule have the same half; few others do, and those are
    told apart when they are looked at: half the room holds the same records together.
    """
    if not model.blocking:
        return pa.table({})
    halves = ", ".join(
        f"case when b{i} is null then {NO_KEY} else greatest(b{i} >> 32, 1) end::uinteger as b{i}"
        for i in range(len(model.blocking))
    )
    return connection.sql(f"select {halves} from keys order by {order}").to_arrow_table().combine_chunks()


def keys_of(effective: pa.Table, model: Model) -> pa.Table:
    """The keys of effective features ordered by record_key, row by row; see `block_keys`."""
    with room() as connection:
        connection.register("features", effective)
        complete(connection, "features", "all_records")
        make_keys(connection, model.blocking, model.oversized, source="all_records", key="record_key")
        return block_keys(connection, model, "record_key")


def none_of(model: Model) -> pa.Table:
    """The keys of no record."""
    return pa.table({f"b{i}": pa.array([], pa.uint32()) for i in range(len(model.blocking))})


def meetings(keys: pa.Table, to: np.ndarray, own: pa.Table, rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(left, right): rows of tonight, left below right, that share a key and of which one is in `rows`; each once.

    `own` are the keys of `rows` (in order), row by row. All others have those of `keys`, whose rows are by `to` those
    of tonight, -1 where a record is gone or in `rows`. Halves of two keys may be the same by chance, so that a pair
    among millions shares no block: what is made of the pairs must look again (`sharing`).
    """

    def met(name: str) -> np.ndarray:
        mine = own[name].to_numpy()
        order = np.argsort(mine, kind="stable")
        order = order[mine[order] != NO_KEY]
        sought = mine[order]
        known = keys[name].to_numpy() if name in keys.column_names else sought[:0]  # nothing is known the first time
        there = _among(known, sought)
        there = there[to[there] >= 0]
        other = np.r_[known[there], sought], np.r_[to[there], rows[order]]
        start, end = (np.searchsorted(sought, other[0], side) for side in ("left", "right"))
        times = end - start
        offset = np.arange(times.sum()) - np.repeat(np.cumsum(times) - times, times)
        pair = rows[order[np.repeat(start, times) + offset]], np.repeat(other[1], times)
        left, right = np.minimum(*pair), np.maximum(*pair)
        return (left * width + right)[left < right]

    width = int(max(to.max(initial=0), rows.max(initial=0))) + 1
    codes = [np.zeros(0, np.int64), *in_threads(met, own.column_names)]
    return np.divmod(np.unique(np.concatenate(codes)), width)


def _among(values: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """Places of the values (uint32, spread evenly as hashes are) that are one of those `sought`, which are ordered.

    The low bits tell most of them apart: a small table of those stays in the processor's cache.
    """
    if not len(sought):
        return np.zeros(0, np.int64)
    marks = np.zeros(_LOW + 1, bool)
    marks[sought & _LOW] = True
    likely = np.flatnonzero(marks[values & _LOW])
    found = values[likely]
    return likely[sought[np.minimum(np.searchsorted(sought, found), len(sought) - 1)] == found]


def sharing(connection: duckdb.DuckDBPyConnection, model: Model, pairs: str) -> None:
    """Take from the table `pairs` (row_id_l, row_id_r of the table `records`) those that share no block."""
    connection.execute(
        "create temp view asked_records as select * from records semi join"
        f" (select row_id_l as row_id from {pairs} union select row_id_r from {pairs}) using (row_id)"
    )
    make_keys(connection, model.blocking, model.oversized, source="asked_records")
    shared = " or ".join(f"coalesce(l.b{i} = r.b{i}, false)" for i in range(len(model.blocking)))
    connection.execute(
        f"create or replace temp table {pairs} as select {pairs}.* from {pairs}"
        " inner join keys as l on l.row_id = row_id_l inner join keys as r on r.row_id = row_id_r"
        f" where {shared}"
    )
