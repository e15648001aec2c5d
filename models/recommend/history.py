"""Who bought what when, as integer arrays: read once, looked at as of several dates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .settings import RecommendSettings

COLUMNS = ("customer_id", "order_id", "order_date", "product_id")
# Lines read at a time: text is turned into numbers before the next ones come, so memory holds numbers only.
_BATCH_ROWS = 500_000


@dataclass(frozen=True)
class History:
    """Purchases up to `as_of`, one row per order and product, ordered by customer, product and order.

    customers, products: ids in ascending order; the codes below are places in them.
    customer, product: codes. order: number of the customer's order, 0 the first, in order of time. age: days from the
    purchase to `as_of`. hashes: a fixed pseudo-random number per customer, for samples that are the same every night.
    """

    as_of: date
    customers: np.ndarray
    products: np.ndarray
    hashes: np.ndarray
    customer: np.ndarray
    product: np.ndarray
    order: np.ndarray
    age: np.ndarray


def read(
    lines: pd.DataFrame | pa.Table | duckdb.DuckDBPyRelation, as_of: date, settings: RecommendSettings | None = None
) -> History:
    """The history in order lines with the columns customer_id, order_id, order_date and product_id.

    Lines without customer, product or date, and lines after `as_of`, are not looked at; a product twice in an order
    counts once. Orders of one day are taken in the order of their ids. A DuckDB relation is read bit by bit.

    Raises:
        ValueError: a column is missing.
    """
    settings = settings or RecommendSettings()
    (customer, customers), (order, order_ids), (product, products), age = _coded(lines, as_of, settings)

    # An order is the customer's own, whatever else has its id; its day is its earliest line's.
    key, which = np.unique(customer.astype(np.int64) * max(len(order_ids), 1) + order, return_inverse=True)
    order_age = np.zeros(len(key), np.int32)
    np.maximum.at(order_age, which, age)
    owner, order_code = key // max(len(order_ids), 1), key % max(len(order_ids), 1)
    in_time = np.lexsort((order_code, -order_age, owner))
    owner, order_age = owner[in_time], order_age[in_time]
    starts = np.searchsorted(owner, np.arange(len(customers) + 1))
    orders = np.diff(starts)
    number = np.empty(len(key), np.int64)
    number[in_time] = np.arange(len(key)) - starts[owner]
    del key, order_code, owner, in_time, age, order
    number = number[which]
    kept = number >= orders[customer] - settings.max_orders

    # One integer per row sorts and removes repeats at once.
    longest = int(orders.max(initial=1))
    number += (customer.astype(np.int64) * max(len(products), 1) + product) * longest
    del customer, product, which
    pair = distinct(number[kept])
    number = (pair % longest).astype(np.int32)
    pair //= longest
    customer = (pair // max(len(products), 1)).astype(np.int32)
    product = (pair % max(len(products), 1)).astype(np.int32)
    del pair
    ages = order_age[starts[customer] + number]
    return History(as_of, customers, products, pd.util.hash_array(customers), customer, product, number, ages)


def _coded(
    lines: pd.DataFrame | pa.Table | duckdb.DuckDBPyRelation, as_of: date, settings: RecommendSettings
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray], np.ndarray]:
    """Codes (int32) and ids of customers, orders and products, and age in days, of the lines that are looked at."""
    ages: list[np.ndarray] = [np.empty(0, np.int32)]
    names = ("customer_id", "order_id", "product_id")
    words: dict[str, list[pa.Array]] = {name: [] for name in names}
    for batch in _batches(lines):
        batch = batch.drop_null()
        day = pc.cast(pc.cast(batch["order_date"], pa.timestamp("s")), pa.date32())
        age = (np.datetime64(as_of) - day.to_numpy(zero_copy_only=False).astype("datetime64[D]")).astype("int64")
        known = (age >= 0) & (age <= settings.max_days)
        batch = batch.filter(pa.array(known))
        ages.append(age[known].astype(np.int32))
        for name in names:
            words[name].append(pc.cast(batch[name], pa.large_string()).dictionary_encode())
    customer, order, product = (_codes(words.pop(name)) for name in names)
    return customer, order, product, np.concatenate(ages)


def _batches(lines: pd.DataFrame | pa.Table | duckdb.DuckDBPyRelation) -> Iterator[pa.RecordBatch]:
    names = list(lines.schema.names if isinstance(lines, pa.Table) else lines.columns)
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise ValueError(f"order lines lack the column {', '.join(missing)}; needed are {', '.join(COLUMNS)}")
    if isinstance(lines, duckdb.DuckDBPyRelation):
        yield from lines.select(", ".join(COLUMNS)).to_arrow_reader(_BATCH_ROWS)
        return
    if isinstance(lines, pd.DataFrame):
        lines = lines[list(COLUMNS)].assign(order_date=pd.to_datetime(lines["order_date"]).astype("datetime64[s]"))
        lines = pa.Table.from_pandas(lines, preserve_index=False)
    yield from lines.select(list(COLUMNS)).to_batches(_BATCH_ROWS)


def _codes(encoded: list[pa.DictionaryArray]) -> tuple[np.ndarray, np.ndarray]:
    """Code of each row, and the ids in ascending order: a code is the place of its id there."""
    together = pa.chunked_array(encoded, pa.dictionary(pa.int32(), pa.large_string())).unify_dictionaries()
    known = together.chunk(0).dictionary if together.num_chunks else pa.array([], pa.large_string())
    order = pc.sort_indices(known).to_numpy()
    place = np.empty(len(order), np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    codes = [place[chunk.indices.to_numpy()] for chunk in together.chunks]
    ids = known.take(pa.array(order)).to_numpy(zero_copy_only=False).astype(object)
    return np.concatenate([np.empty(0, np.int32), *codes]), ids


def distinct(keys: np.ndarray) -> np.ndarray:
    """The different keys, ascending. (By sorting: where most differ, NumPy's hashing takes ten times as long.)"""
    keys = np.sort(keys)
    return keys[np.r_[True, keys[1:] != keys[:-1]]] if len(keys) else keys


def sample(history: History, size: int, among: np.ndarray) -> np.ndarray:
    """At most `size` of the customers `among` (codes), those with the smallest hash, in ascending order."""
    if len(among) <= size:
        return np.sort(among)
    by_hash = np.lexsort((among, history.hashes[among]))
    return np.sort(among[by_hash[:size]])
