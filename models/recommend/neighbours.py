"""Customers with baskets alike, and what they buy: the collaborative half of TIFU-KNN, and item similarity.

TIFU-KNN: Hu, He, Gao and Zhang (2020), "Modeling Personalized Item Frequency Information for Next-basket
Recommendation", SIGIR. As there, a customer is the vector of faded item frequencies and the score is a mixture of the
own vector and the mean of the nearest ones. Different here: fading by a smooth half-life instead of groups of baskets,
similarity on logarithmic frequencies weighted by rarity (a common milk says little), neighbours weighted by the square
of their similarity, and neighbours from a pool of bounded size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from .habits import Habits
from .history import History, sample
from .order import best
from .settings import RecommendSettings


@dataclass(frozen=True)
class Pool:
    """Customers that neighbours are chosen from.

    customers: their codes, ascending. profiles: unit vectors, products x pool. rates: pool x products, faded share of
    orders with the product. rarity: weight per product.
    """

    customers: np.ndarray
    profiles: sparse.csr_matrix
    rates: sparse.csr_matrix
    rarity: np.ndarray


def gather(history: History, habits: Habits, settings: RecommendSettings) -> Pool:
    """The pool as of the habits' date."""
    chosen = pool_of(history, habits, settings)
    products = len(history.products)
    rows, _ = rows_of(habits, chosen)
    buyers = np.bincount(habits.product[rows], minlength=products)
    rarity = np.log1p(len(chosen) / np.maximum(buyers, 1))
    profiles = _profiles(habits, chosen, rarity, settings)
    return Pool(chosen, profiles.T.tocsr(), _rates(habits, chosen, settings), rarity)


def pool_of(history: History, habits: Habits, settings: RecommendSettings) -> np.ndarray:
    """The customers of the pool (codes, ascending)."""
    return sample(history, settings.pool, np.flatnonzero(habits.orders >= settings.pool_min_orders))


def neighbours_rates(pool: Pool, habits: Habits, block: np.ndarray, settings: RecommendSettings) -> sparse.csr_matrix:
    """Rows of `block` (customer codes) x products: in what share of orders the nearest customers buy each product.

    A customer is no neighbour of itself. Shares below the floor are left out. Each row depends on its customer and on
    the pool alone.
    """
    if not len(pool.customers):
        return sparse.csr_matrix((len(block), pool.rates.shape[1]))
    alike = (_profiles(habits, block, pool.rarity, settings) @ pool.profiles).toarray()
    place = np.minimum(np.searchsorted(pool.customers, block), len(pool.customers) - 1)
    itself = np.flatnonzero(pool.customers[place] == block)
    alike[itself, place[itself]] = 0.0
    count = min(settings.neighbours, alike.shape[1])
    nearest = np.argpartition(-alike, count - 1, axis=1)[:, :count]
    nearest.sort(axis=1)
    weights = np.take_along_axis(alike, nearest, axis=1).astype(np.float64) ** 2
    weights /= np.maximum(weights.sum(axis=1, keepdims=True), 1e-12)
    chosen = sparse.csr_matrix(
        (weights.ravel(), nearest.ravel(), np.arange(len(block) + 1) * count), shape=(len(block), alike.shape[1])
    )
    rates = (chosen @ pool.rates).tocsr()
    rates.data[rates.data < settings.neighbour_floor] = 0.0
    rates.eliminate_zeros()
    rates.sort_indices()
    return rates


def similar_items(pool: Pool, settings: RecommendSettings) -> sparse.csr_matrix:
    """Products x products: cosine of who buys them (implicit feedback), the most similar ones of each product."""
    bought = (pool.rates > 0).astype(np.float64)
    buyers = np.asarray(bought.sum(axis=0)).ravel()
    together = (bought.T @ bought).tocsr()
    together.sort_indices()
    row = np.repeat(np.arange(together.shape[0], dtype=np.int64), np.diff(together.indptr))
    column, count = together.indices, together.data
    other = (row != column) & (count > 1)  # one customer is no pattern
    row, column, count = row[other], column[other], count[other]
    value = count / np.sqrt(buyers[row] * buyers[column])
    kept = best(row, value, settings.similar_products)
    return sparse.csr_matrix((value[kept], (row[kept], column[kept])), shape=together.shape)


def similar_rates(
    similar: sparse.csr_matrix, habits: Habits, block: np.ndarray, settings: RecommendSettings
) -> sparse.csr_matrix:
    """Rows of `block` x products: own recent products passed on to the products most like them."""
    rates = (_rates(habits, block, settings) @ similar).tocsr()
    rates.sort_indices()
    return rates


def rows_of(habits: Habits, block: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rows of the habits that belong to the customers of `block`, and the place of each row's customer in it."""
    sizes = habits.starts[block + 1] - habits.starts[block]
    at = np.repeat(np.arange(len(block)), sizes)
    within = np.arange(sizes.sum()) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    return habits.starts[block][at] + within, at


def _best_rows(habits: Habits, block: np.ndarray, settings: RecommendSettings) -> tuple[np.ndarray, np.ndarray]:
    rows, at = rows_of(habits, block)
    kept = habits.place[rows] < settings.profile_products
    return rows[kept], at[kept]


def _rates(habits: Habits, block: np.ndarray, settings: RecommendSettings) -> sparse.csr_matrix:
    """Rows of `block` x products: faded share of the customer's orders with the product."""
    rows, at = _best_rows(habits, block, settings)
    shape = (len(block), len(habits.sold))
    return sparse.csr_matrix((habits.recent[rows] / habits.weight[block][at], (at, habits.product[rows])), shape=shape)


def _profiles(habits: Habits, block: np.ndarray, rarity: np.ndarray, settings: RecommendSettings) -> sparse.csr_matrix:
    """Rows of `block` x products, unit length: logarithmic faded frequency times rarity."""
    rows, at = _best_rows(habits, block, settings)
    value = np.log1p(habits.recent[rows]) * rarity[habits.product[rows]]
    length = np.sqrt(np.bincount(at, weights=value**2, minlength=len(block)))
    shape = (len(block), len(rarity))
    unit = (value / length[at]).astype(np.float32)
    return sparse.csr_matrix((unit, (at, habits.product[rows])), shape=shape)
