"""A generated shop: customers who come, buy again and stop, with baskets that repeat.

Buying follows the BG/NBD model (Fader, Hardie and Lee 2005): while a customer is alive, orders come as a Poisson
process with a rate of the customer's own (gamma over customers), and after each order the customer leaves with a
probability of their own (beta). What is bought comes from a repertoire of a dozen products per customer that moves
slowly, drawn from one of some tastes; the rest is new from the same taste. Made in blocks of customers, each from a
seed of its own: a block is the same in a shop of any size, and memory does not grow with the shop.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

CUSTOMERS_PER_BLOCK = 20_000


@dataclass(frozen=True)
class Shop:
    """What the shop is like; 1 million customers place about 20 million lines.

    days: length of the history, two years so that a year back exists for a year of dates.
    rate_shape, rate_scale_days: gamma of the orders per day while alive; mean 0.6 / 45, one in 75 days.
    leave_a, leave_b: beta of the chance to leave after an order; mean 0.14.
    lines_mean: lines per order over all customers.
    repeated: share of lines that come from the customer's repertoire.
    """

    first_day: date = date(2024, 1, 1)
    days: int = 730
    rate_shape: float = 0.6
    rate_scale_days: float = 45.0
    leave_a: float = 0.8
    leave_b: float = 5.0
    lines_mean: float = 5.0
    departments: int = 20
    categories: int = 200
    products_per_category: int = 100
    tastes: int = 40
    repertoire: int = 12
    repeated: float = 0.65
    seed: int = 2024

    @property
    def products(self) -> int:
        return self.categories * self.products_per_category


LINES = pa.schema(
    [
        ("order_id", pa.string()),
        ("customer_id", pa.string()),
        ("ordered_at", pa.timestamp("us")),
        ("product_id", pa.string()),
        ("product_category", pa.string()),
        ("department", pa.string()),
        ("channel", pa.string()),
        ("quantity", pa.int64()),
        ("sales_usd", pa.decimal128(18, 2)),
        ("discount_usd", pa.decimal128(18, 2)),
    ]
)


@dataclass(frozen=True)
class _Catalogue:
    """Prices in cents per product; cumulative chances of categories per taste, and of products within a category."""

    price: np.ndarray
    taste_edges: np.ndarray
    rank_edges: np.ndarray


def _catalogue(shop: Shop) -> _Catalogue:
    draws = np.random.default_rng([shop.seed, 0])
    price = np.maximum(np.round(np.exp(draws.normal(1.1, 0.7, shop.products)) * 100), 19).astype("int64")
    likes = draws.gamma(0.25, size=(shop.tastes, shop.categories)) + 0.002  # a taste likes some categories much
    chances = likes / likes.sum(axis=1, keepdims=True)
    ranks = 1.0 / np.arange(1, shop.products_per_category + 1)
    edges = np.cumsum(chances, axis=1) + np.arange(shop.tastes)[:, None]
    edges[:, -1] = np.arange(1, shop.tastes + 1)  # exactly, so that no draw falls behind the last
    return _Catalogue(price, edges.ravel(), np.cumsum(ranks / ranks.sum()))


def _products(shop: Shop, catalogue: _Catalogue, taste: np.ndarray, draws: np.random.Generator) -> np.ndarray:
    """One product per element of `taste`: a category that the taste likes, a popular product of it."""
    category = np.searchsorted(catalogue.taste_edges, taste + draws.random(taste.shape), side="right")
    category = np.minimum(category - taste * shop.categories, shop.categories - 1)
    rank = np.searchsorted(catalogue.rank_edges, draws.random(taste.shape), side="right")
    return category * shop.products_per_category + np.minimum(rank, shop.products_per_category - 1)


def _orders(shop: Shop, customers: int, draws: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Customer number and time in days of every order, by customer and time."""
    rate = draws.gamma(shop.rate_shape, 1 / shop.rate_scale_days, customers)
    leaving = draws.beta(shop.leave_a, shop.leave_b, customers)
    alive = np.arange(customers)
    time = draws.random(customers) ** 1.5 * shop.days  # more have come early than late
    found: list[tuple[np.ndarray, np.ndarray]] = []
    while len(alive):
        found.append((alive, time))
        time = time + draws.exponential(1.0, len(alive)) / np.maximum(rate[alive], 1e-9)
        stays = (draws.random(len(alive)) >= leaving[alive]) & (time < shop.days)
        alive, time = alive[stays], time[stays]
    who, when = (np.concatenate(part) for part in zip(*found, strict=True))
    order = np.lexsort((when, who))
    return who[order], when[order]


def block(shop: Shop, number: int, customers: int) -> pa.Table:
    """The order lines of block `number` of the shop, with its first `customers` customers; see LINES."""
    catalogue = _catalogue(shop)
    draws = np.random.default_rng([shop.seed, 1, number])
    taste = draws.integers(0, shop.tastes, CUSTOMERS_PER_BLOCK)
    own = _products(shop, catalogue, np.repeat(taste[:, None], shop.repertoire, axis=1), draws)
    appetite = draws.gamma(2.0, (shop.lines_mean - 1) / 2.0, CUSTOMERS_PER_BLOCK)
    bargains = draws.beta(1.0, 3.0, CUSTOMERS_PER_BLOCK)
    online = draws.beta(0.3, 1.2, CUSTOMERS_PER_BLOCK)

    who, when = _orders(shop, CUSTOMERS_PER_BLOCK, draws)
    is_online = draws.random(len(who)) < online[who]
    lines = 1 + draws.poisson(appetite[who])
    order = np.repeat(np.arange(len(who)), lines)
    whose = who[order]
    drift = (when[order] // 150).astype("int64")  # favourites move on by one place in five months
    slot = (np.minimum(draws.geometric(0.22, len(order)) - 1, shop.repertoire - 1) + drift) % shop.repertoire
    fresh = _products(shop, catalogue, taste[whose], draws)
    product = np.where(draws.random(len(order)) < shop.repeated, own[whose, slot], fresh)
    quantity = 1 + draws.poisson(0.25, len(order))
    value = catalogue.price[product] * quantity
    cut = np.where(draws.random(len(order)) < bargains[whose], draws.choice([10, 20, 30], len(order)), 0)
    discount = value * cut // 100

    kept = np.flatnonzero(whose < customers)  # drawn whole, so that a smaller shop is a part of a larger one
    order, whose, product = order[kept], whose[kept], product[kept]
    start = np.datetime64(shop.first_day, "us")
    at = start + (when[order] * 86_400_000_000).astype("int64").astype("timedelta64[us]")
    category = product // shop.products_per_category
    columns = [
        _names(order, f"O{number:03d}-{{:07d}}"),
        _names(whose, f"C{number:03d}-{{:05d}}"),
        pa.array(at),
        _names(product, "P{:05d}"),
        _names(category, "category {:03d}"),
        _names(category % shop.departments, "department {:02d}"),
        pa.DictionaryArray.from_arrays(is_online[order].astype("int8"), ["store", "online"]).dictionary_decode(),
        pa.array(quantity[kept]),
        _hundredths(value[kept] - discount[kept]),
        _hundredths(discount[kept]),
    ]
    return pa.Table.from_arrays(columns, schema=LINES)


def _names(numbers: np.ndarray, spelling: str) -> pa.Array:
    """Names such as C0000012 for numbers from 0, each written once and then repeated."""
    texts = pa.array([spelling.format(n) for n in range(int(numbers.max(initial=-1)) + 1)])
    return pa.DictionaryArray.from_arrays(pa.array(numbers.astype("int32")), texts).dictionary_decode()


def _hundredths(cents: np.ndarray) -> pa.Array:
    """Decimals with two places from whole cents, by their bytes: 128-bit little-endian integers."""
    wide = np.zeros((len(cents), 2), dtype="int64")
    wide[:, 0] = cents
    wide[:, 1] = np.where(cents < 0, -1, 0)
    return pa.Array.from_buffers(pa.decimal128(18, 2), len(cents), [None, pa.py_buffer(wide.tobytes())])


def write(folder: Path, customers: int, shop: Shop = Shop()) -> list[Path]:
    """The shop's lines as Parquet files in `folder`, one per block; files that are there stay as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for number in range(-(-customers // CUSTOMERS_PER_BLOCK)):
        path = folder / f"lines_{number:03d}.parquet"
        written.append(path)
        if path.exists():
            continue
        table = block(shop, number, min(CUSTOMERS_PER_BLOCK, customers - number * CUSTOMERS_PER_BLOCK))
        unfinished = path.with_suffix(".part")
        pq.write_table(table, unfinished, compression="zstd")
        unfinished.rename(path)
    return written
