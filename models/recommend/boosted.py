"""Boosted trees over the candidates that TIFU-KNN puts first: they rank again what is likely anyway.

Trees see what a sum of weights cannot: how long ago the newest order was, how large baskets usually are, and that both
change what a habit means. A bought product counts by the root of its basket's size: of a small basket it is more, and
recall is a share of the basket.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from .candidates import Candidates
from .habits import Habits
from .order import ranked
from .settings import RecommendSettings

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

# Every tree goes over all rows: as many as stay in the processor's cache take little more than half the time.
_ROWS_AT_ONCE = 8192


def shortlist(found: Candidates, first: np.ndarray, settings: RecommendSettings) -> np.ndarray:
    """Rows of the candidates, in order, that are each customer's best by the scores `first`.

    What item similarity alone proposes is not among them: whether it was asked must change nothing.
    """
    rows = np.flatnonzero(~found.is_akin_only)
    if not len(rows):
        return rows
    customer = found.customer[rows]
    owner = np.cumsum(np.r_[False, customer[1:] != customer[:-1]])
    order, place = ranked(owner, first[rows])
    return np.sort(rows[order[place < settings.shortlist]])


def inputs(found: Candidates, first: np.ndarray, habits: Habits, rows: np.ndarray) -> np.ndarray:
    """Columns the trees look at, per row of `rows`; NaN for habits of a product never bought.

    first: scores of all candidates by TIFU-KNN.
    """
    customer, product = found.customer[rows], found.product[rows]
    at = found.row[rows]
    own, row = at >= 0, np.maximum(at, 0)

    def habit(values: np.ndarray) -> np.ndarray:
        return np.where(own, values[row], np.nan) if len(values) else np.full(len(rows), np.nan)

    whole = habits.baskets
    times, silent, quiet = habit(habits.times), habit(habits.last_days), habit(habits.last_orders)
    again = np.maximum(times - 1, 1)
    gap = np.where(times > 1, (habit(habits.first_days) - silent) / again, np.nan)
    step = np.where(times > 1, (habit(whole.first_orders) - quiet) / again, np.nan)
    size, usual = habit(whole.size), whole.usual_size[customer]
    orders = habits.orders[customer]
    return np.column_stack(
        [
            first[rows],
            found.own[rows],
            found.like[rows],
            found.sold[rows],
            np.log((habits.sold_week[product] + 1.0) / (habits.sold[product] + 4.0)),
            habit(habits.short),
            habit(habits.long),
            habit(habits.fresh),
            times,
            times / np.maximum(orders, 1),
            habit(habits.place),
            quiet,
            silent,
            habit(habits.first_days),
            gap,
            step,
            (silent + 0.5) / np.maximum(gap, 0.5),
            (quiet + 0.5) / np.maximum(step, 0.5),
            habit(whole.light),
            size,
            size - usual,
            usual,
            whole.last_size[customer],
            whole.since[customer],
            whole.gap[customer],
            (whole.since[customer] + 0.5) / np.maximum(whole.gap[customer], 0.5),
            orders,
        ]
    ).astype(np.float32)


def fit(
    table: np.ndarray, bought: np.ndarray, basket: np.ndarray, settings: RecommendSettings
) -> HistGradientBoostingClassifier:
    """Trees learnt from rows of `inputs`, whether each was bought, and the size of the basket that followed."""
    from sklearn.ensemble import HistGradientBoostingClassifier

    trees = HistGradientBoostingClassifier(
        max_iter=settings.trees,
        learning_rate=settings.learning_rate,
        max_leaf_nodes=settings.leaves,
        min_samples_leaf=settings.min_leaf_rows,
        l2_regularization=settings.leaf_regularisation,
        max_features=settings.share_of_inputs,
        early_stopping=False,
        random_state=settings.seed,
    )
    with threadpool_limits(1):  # sums of threads must not reach the last bits
        weight = np.where(bought, 1 / np.sqrt(np.maximum(basket, 1)), 1.0)
        return trees.fit(coarse(table, settings), bought, sample_weight=weight)


def coarse(table: np.ndarray, settings: RecommendSettings) -> np.ndarray:
    """The table with each column's values moved to the nearest of a few of its quantiles; NaN stays.

    Trees split half-way between neighbouring values, which is where the nearest quantile changes: they treat values as
    they come exactly as they would the moved ones. With this few values scikit-learn sorts no column by weight, which
    took longer than learning.
    """
    moved = table.copy()
    at = np.linspace(0, 1, settings.bins)
    for column in range(table.shape[1]):
        values = table[:, column]
        known = ~np.isnan(values)
        if not known.any():
            continue
        ordered = np.sort(values[known])
        levels = np.unique(ordered[np.round(at * (len(ordered) - 1)).astype(np.int64)]).astype(np.float64)
        nearest = np.searchsorted((levels[1:] + levels[:-1]) / 2, values[known])
        moved[known, column] = levels[nearest]
    return moved


def score(
    trees: HistGradientBoostingClassifier,
    found: Candidates,
    first: np.ndarray,
    habits: Habits,
    settings: RecommendSettings,
) -> np.ndarray:
    """Scores of all candidates: the shortlist by the trees, from 1 to 2; behind it the rest by `first`, below 1."""
    scores = first / (1 + first)
    rows = shortlist(found, first, settings)
    if len(rows):
        table = inputs(found, first, habits, rows)
        with threadpool_limits(1, user_api="openmp"):  # blocks of customers have threads of their own
            for start in range(0, len(rows), _ROWS_AT_ONCE):
                part = slice(start, start + _ROWS_AT_ONCE)
                scores[rows[part]] = 1 + trees.predict_proba(table[part])[:, 1]
    return scores
