"""The block keys of every record, kept from night to night: who may be a pair with a record that has changed."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa

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
    with duckdb.connect(":memory:", config={"threads": 2}) as connection:
        connection.register("features", effective)
        complete(connection, "features", "all_records")
        make_keys(connection, model.blocking, model.oversized, source="all_records", key="record_key")
        return block_keys(connection, model, "record_key")


def none_of(model: Model) -> pa.Table:
    """The keys of no record."""
    return pa.table({f"b{i}": pa.array([], pa.uint32()) for i in range(len(model.blocking))})


def within_reach(keys: pa.Table, own: pa.Table) -> np.ndarray:
    """Mask over the rows of `keys`: the record shares a key with one of those in `own`."""

    def shared(name: str) -> np.ndarray:
        return _among(keys[name].to_numpy(), np.setdiff1d(own[name].to_numpy(), NO_KEY))

    met = np.zeros(keys.num_rows, bool)
    for mask in in_threads(shared, keys.column_names):
        met |= mask
    return met


def _among(values: np.ndarray, sought: np.ndarray) -> np.ndarray:
    """Mask of the values (uint32, spread evenly as hashes are) that are one of those `sought`.

    The low bits tell most of them apart: a small table of those stays in the processor's cache.
    """
    marks = np.zeros(_LOW + 1, bool)
    marks[sought & _LOW] = True
    likely = np.flatnonzero(marks[values & _LOW])
    out = np.zeros(len(values), bool)
    out[likely[np.isin(values[likely], sought)]] = True
    return out
