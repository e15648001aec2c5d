"""What could be recommended to whom, with everything a model may look at; a block of customers at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .habits import Habits
from .history import distinct
from .neighbours import Pool, neighbours_rates, rows_of, similar_rates
from .order import best
from .settings import RecommendSettings


@dataclass(frozen=True)
class Candidates:
    """One row per customer and product, ordered by customer and product.

    customer, product: codes. row: row of the habits, -1 for a product the customer never bought. own: faded share of
    own orders with the product; like: the neighbours' share; akin: score by similar items; sold: share of all orders
    of the last weeks. is_akin_only: nothing but item similarity proposes it.
    """

    customer: np.ndarray
    product: np.ndarray
    row: np.ndarray
    own: np.ndarray
    like: np.ndarray
    akin: np.ndarray
    sold: np.ndarray
    is_akin_only: np.ndarray


def popular(habits: Habits, settings: RecommendSettings) -> np.ndarray:
    """The products in most orders of the last weeks, ascending codes; ties go to the smaller code."""
    order = np.lexsort((np.arange(len(habits.sold)), -habits.sold))[: settings.popular_candidates]
    return np.sort(order[habits.sold[order] > 0])


def candidates(
    habits: Habits,
    pool: Pool,
    block: np.ndarray,
    settings: RecommendSettings,
    similar: sparse.csr_matrix | None = None,
) -> Candidates:
    """Own products, those of similar customers and popular ones, for the customers of `block` (ascending codes)."""
    products = len(habits.sold)
    rows, at = rows_of(habits, block)
    own = habits.recent[rows] / habits.weight[block][at]
    own_key = at.astype(np.int64) * products + habits.product[rows]
    like_key, like = _entries(neighbours_rates(pool, habits, block, settings))
    wanted = [
        own_key[habits.place[rows] < settings.own_candidates],
        _new(like_key, like, own_key, products, settings),
        (np.arange(len(block))[:, None] * products + popular(habits, settings)[None, :]).ravel(),
    ]
    key = base = distinct(np.concatenate(wanted))
    akin_key, akin = np.empty(0, np.int64), np.empty(0)
    if similar is not None:
        akin_key, akin = _entries(similar_rates(similar, habits, block, settings))
        key = distinct(np.concatenate([base, _new(akin_key, akin, own_key, products, settings)]))
    where = find(own_key, key)
    found = where >= 0
    row = np.full(len(key), -1, np.int64)
    row[found] = rows[where[found]]
    share = np.zeros(len(key))
    share[found] = own[where[found]]
    product = key % products
    return Candidates(
        block[key // products],
        product,
        row,
        share,
        _values(like_key, like, key),
        _values(akin_key, akin, key),
        habits.sold[product] / max(int(habits.sold.sum()), 1),
        find(base, key) < 0,
    )


def _entries(matrix: sparse.csr_matrix) -> tuple[np.ndarray, np.ndarray]:
    row = np.repeat(np.arange(matrix.shape[0], dtype=np.int64), np.diff(matrix.indptr))
    return row * matrix.shape[1] + matrix.indices, matrix.data


def _new(
    key: np.ndarray, value: np.ndarray, own_key: np.ndarray, products: int, settings: RecommendSettings
) -> np.ndarray:
    """Keys of the best products that are not the customer's own."""
    other = find(own_key, key) < 0
    key, value = key[other], value[other]
    return key[best(key // products, value, settings.new_candidates)]


def find(keys: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Place of each wanted key in ascending `keys`; -1 where it is not there."""
    if not len(keys):
        return np.full(len(wanted), -1, np.int64)
    place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[place] == wanted, place, -1)


def _values(keys: np.ndarray, values: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    place = find(keys, wanted)
    return np.where(place >= 0, values[place], 0.0) if len(keys) else np.zeros(len(wanted))
