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
    may = habits.is_sold[found.product] & ~unavailable[found.product]
    if not len(habits.times):
        return may
    row = np.maximum(found.row, 0)
    just = just_bought(habits.times[row], habits.first_days[row], habits.last_days[row], settings)
    return may & ~((found.row >= 0) & just)


def just_bought(
    times: np.ndarray, first_days: np.ndarray, last_days: np.ndarray, settings: RecommendSettings
) -> np.ndarray:
    """Whether a product was bought too lately to be recommended again; one that is often bought again never is.

    times: purchases by the customer, at least 1. first_days, last_days: days since the first and the newest of them.
    """
    often = (times > 1) & (first_days - last_days <= settings.again_soon_days * (times - 1))
    return (last_days < settings.just_bought_days) & ~often


def lists(found: Candidates, score: np.ndarray, may: np.ndarray, count: int) -> Lists:
    """The `count` best of each customer among those that `may` be recommended; ties go to the smaller product code."""
    rows = np.flatnonzero(may)
    customer = found.customer[rows]
    owner = np.cumsum(np.r_[False, customer[1:] != customer[:-1]]) if len(rows) else rows
    order, place = ranked(owner, score[rows])
    kept = place < count
    rows = rows[order[kept]]
    return Lists(found.customer[rows], found.product[rows], place[kept] + 1, rows)
