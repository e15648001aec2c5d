"""How good lists of recommended products were, against what was bought afterwards.

Everything is computed per customer on plain arrays of codes, so the figures do not depend on the order of rows and a
customer can be weighed in a bootstrap. A customer counts once they bought something; one without a list counts with 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# Percentile bootstrap by customer: 200 draws place a 95 % interval to the third digit.
DRAWS = 200
SEED = 2017


@dataclass(frozen=True)
class Judged:
    """Figures per customer who bought something; the arrays have one value each, customers in ascending order.

    recall: share of the bought products that were among the first k, divisor the number of products bought.
    ndcg: normalised discounted cumulative gain at k with binary relevance (Järvelin and Kekäläinen, 2002), the ideal
    list being as long as k allows. hit: whether any of the k was bought. precision: share of the k that was bought.
    """

    customer: np.ndarray
    recall: np.ndarray
    ndcg: np.ndarray
    hit: np.ndarray
    precision: np.ndarray

    def means(self) -> dict[str, float]:
        """The mean of each figure over customers; NaN where nobody bought anything."""
        figures = {"recall": self.recall, "ndcg": self.ndcg, "hit": self.hit, "precision": self.precision}
        return {name: float(values.mean()) if len(values) else float("nan") for name, values in figures.items()}


def judge(
    customer: np.ndarray,
    product: np.ndarray,
    rank: np.ndarray,
    bought_by: np.ndarray,
    bought: np.ndarray,
    k: int,
) -> Judged:
    """Compare lists with purchases.

    Args:
        customer, product, rank: the lists, one row per recommended product; the smallest rank comes first. Any
            sortable codes; a product twice in a list counts once, at its better rank.
        bought_by, bought: what each customer bought afterwards; the same product twice counts once.
        k: length to which lists are read. Ranks may have gaps: a product's place is its place in the list.

    Raises:
        ValueError: k is below 1, or arrays that belong together differ in length.
    """
    if k < 1:
        raise ValueError(f"k must be at least 1, not {k}")
    if not len(customer) == len(product) == len(rank) or len(bought_by) != len(bought):
        raise ValueError("arrays of one table differ in length")
    buyers, who = np.unique(np.asarray(bought_by), return_inverse=True)
    goods, what = np.unique(np.concatenate([np.asarray(bought), np.asarray(product)]), return_inverse=True)
    true = np.unique(who.astype(np.int64) * len(goods) + what[: len(bought)])
    size = np.bincount(true // len(goods), minlength=len(buyers))

    if not len(buyers):
        none = np.empty(0)
        return Judged(buyers, none, none, none, none)
    at = np.minimum(np.searchsorted(buyers, customer), len(buyers) - 1)
    known = np.flatnonzero(buyers[at] == customer)
    pair = at[known].astype(np.int64) * len(goods) + what[len(bought) :][known]
    place = np.lexsort((np.asarray(rank)[known], pair))
    first = np.ones(len(place), bool)
    first[1:] = pair[place][1:] != pair[place][:-1]
    kept = place[first]
    pair, ordering = pair[kept], np.asarray(rank)[known][kept]
    owner = pair // len(goods)
    order = np.lexsort((pair, ordering, owner))
    pair, owner = pair[order], owner[order]
    starts = np.searchsorted(owner, np.arange(len(buyers)))
    position = np.arange(len(owner)) - starts[owner]
    inside = position < k
    right = inside & np.isin(pair, true, assume_unique=True)

    discount = 1.0 / np.log2(np.arange(k) + 2.0)
    ideal = np.cumsum(discount)
    hits = np.bincount(owner[right], minlength=len(buyers))
    gain = np.bincount(owner[right], weights=discount[position[right]], minlength=len(buyers))
    return Judged(
        buyers,
        hits / size,
        gain / ideal[np.minimum(size, k) - 1],
        (hits > 0).astype(float),
        hits / k,
    )


def interval(values: np.ndarray, share: float = 0.95, draws: int = DRAWS, seed: int = SEED) -> tuple[float, float]:
    """Percentile-bootstrap interval of the mean over customers; (NaN, NaN) without customers.

    `values` come in the order of `Judged`, which does not depend on the order of the input.
    """
    if not len(values):
        return float("nan"), float("nan")
    generator = np.random.default_rng(seed)
    means = [values[generator.integers(0, len(values), len(values))].mean() for _ in range(draws)]
    low, high = np.quantile(means, [(1 - share) / 2, (1 + share) / 2])
    return float(low), float(high)


def gain_interval(
    values: np.ndarray, baseline: np.ndarray, share: float = 0.95, draws: int = DRAWS, seed: int = SEED
) -> tuple[float, float]:
    """Interval of the mean difference to a baseline on the same customers (paired, so far narrower than two intervals).

    Raises:
        ValueError: the two were not measured on as many customers.
    """
    if len(values) != len(baseline):
        raise ValueError(f"{len(values)} customers against {len(baseline)}: judge both on the same ones")
    return interval(np.asarray(values) - np.asarray(baseline), share, draws, seed)


def coverage(product: np.ndarray, catalogue: np.ndarray) -> float:
    """Share of the catalogue's products that are recommended to somebody; NaN for an empty catalogue."""
    listed = np.unique(np.asarray(catalogue))
    return float(np.isin(listed, np.unique(np.asarray(product))).mean()) if len(listed) else float("nan")
