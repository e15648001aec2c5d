"""From scores to lists: what is left out, and the best of what remains."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .candidates import Candidates
from .habits import Habits
from .order import ranked
from .settings import RecommendSettings

NEXT_BASKET = "next_basket"
NEW_PRODUCT = "new_product"
KINDS = (NEXT_BASKET, NEW_PRODUCT)


@dataclass(frozen=True)
class Lists:
    """Recommended products, one row each; `at` is the row of the candidates, rank starts at 1."""

    customer: np.ndarray
    product: np.ndarray
    rank: np.ndarray
    at: np.ndarray


def allowed(found: Candidates, habits: Habits, unavailable: np.ndarray, settings: RecommendSettings) -> np.ndarray:
    """Which candidates may be recommended: sold these weeks, available, and not bought just now.

    unavailable: per product code, whether it is out of stock or was taken out of the catalogue.
    """
    if not len(habits.times):
        return habits.is_sold[found.product] & ~unavailable[found.product]
    row = np.maximum(found.row, 0)
    gap = habits.gap()[row]
    often = gap <= settings.again_soon_days  # NaN, bought once, is not often
    just_bought = (found.row >= 0) & (habits.last_days[row] < settings.just_bought_days) & ~often
    return habits.is_sold[found.product] & ~unavailable[found.product] & ~just_bought


def lists(found: Candidates, score: np.ndarray, may: np.ndarray, count: int) -> Lists:
    """The `count` best of each customer among those that `may` be recommended; ties go to the smaller product code."""
    rows = np.flatnonzero(may)
    customer = found.customer[rows]
    owner = np.cumsum(np.r_[False, customer[1:] != customer[:-1]]) if len(rows) else rows
    order, place = ranked(owner, score[rows])
    kept = place < count
    rows = rows[order[kept]]
    return Lists(found.customer[rows], found.product[rows], place[kept] + 1, rows)
