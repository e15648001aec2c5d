"""Who bought what when, as integer arrays: read once, looked at as of several dates."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .settings import RecommendSettings

COLUMNS = ("customer_id", "order_id", "order_date", "product_id")


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


def read(lines: pd.DataFrame | pa.Table, as_of: date, settings: RecommendSettings | None = None) -> History:
    """The history in order lines with the columns customer_id, order_id, order_date and product_id.

    Lines without customer, product or date, and lines after `as_of`, are not looked at; a product twice in an order
    counts once. Orders of one day are taken in the order of their ids.

    Raises:
        ValueError: a column is missing.
    """
    settings = settings or RecommendSettings()
    table = _checked(lines)
    day = pc.cast(pc.cast(table["order_date"], pa.timestamp("s")), pa.date32())
    ages = (np.datetime64(as_of) - day.to_numpy().astype("datetime64[D]")).astype("int64")
    known = (ages >= 0) & (ages <= settings.max_days)
    table, age = table.filter(pa.array(known)), ages[known]
    customer, customers = _codes(table["customer_id"])
    order, order_ids = _codes(table["order_id"])
    product, products = _codes(table["product_id"])

    # An order is the customer's own, whatever else has its id; its day is its earliest line's.
    key, which = np.unique(customer * max(len(order_ids), 1) + order, return_inverse=True)
    order_age = np.zeros(len(key), np.int64)
    np.maximum.at(order_age, which, age)
    owner, order_code = key // max(len(order_ids), 1), key % max(len(order_ids), 1)
    in_time = np.lexsort((order_code, -order_age, owner))
    owner, order_age = owner[in_time], order_age[in_time]
    starts = np.searchsorted(owner, np.arange(len(customers) + 1))
    orders = np.diff(starts)
    number = np.empty(len(key), np.int64)
    number[in_time] = np.arange(len(key)) - starts[owner]
    number = number[which]
    kept = number >= orders[customer] - settings.max_orders

    # One integer per row sorts and removes repeats at once.
    longest = int(orders.max(initial=1))
    rows = distinct(((customer * max(len(products), 1) + product) * longest + number)[kept])
    pair, number = rows // longest, rows % longest
    customer, product = pair // max(len(products), 1), pair % max(len(products), 1)
    return History(
        as_of,
        customers,
        products,
        pd.util.hash_array(customers),
        customer.astype(np.int32),
        product.astype(np.int32),
        number.astype(np.int32),
        order_age[starts[customer] + number].astype(np.int32),
    )


def _checked(lines: pd.DataFrame | pa.Table) -> pa.Table:
    names = list(lines.columns) if isinstance(lines, pd.DataFrame) else lines.schema.names
    missing = [name for name in COLUMNS if name not in names]
    if missing:
        raise ValueError(f"order lines lack the column {', '.join(missing)}; needed are {', '.join(COLUMNS)}")
    if isinstance(lines, pd.DataFrame):
        lines = lines[list(COLUMNS)].assign(order_date=pd.to_datetime(lines["order_date"]).astype("datetime64[s]"))
        lines = pa.Table.from_pandas(lines, preserve_index=False)
    return lines.select(list(COLUMNS)).drop_null()


def _codes(ids: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray]:
    """Code of each row, and the ids in ascending order: a code is the place of its id there."""
    encoded = pc.cast(ids, pa.large_string()).combine_chunks().dictionary_encode()
    order = pc.sort_indices(encoded.dictionary).to_numpy()
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    known = encoded.dictionary.take(pa.array(order)).to_numpy(zero_copy_only=False).astype(object)
    return place[encoded.indices.to_numpy()], known


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
