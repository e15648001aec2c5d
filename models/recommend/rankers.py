"""The models that are compared: each gives every candidate a score, from what was known as of the habits' date."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from threadpoolctl import threadpool_limits

from . import boosted
from .candidates import Candidates
from .habits import Habits
from .settings import RecommendSettings

if TYPE_CHECKING:
    from sklearn.ensemble import HistGradientBoostingClassifier

POPULARITY = "popularity"
FREQUENCY = "personal_frequency"
TIFU_KNN = "tifu_knn"
ITEM_SIMILARITY = "item_similarity"
HABIT_RANKER = "habit_ranker"
BOOSTED_RANKER = "boosted_ranker"

BASELINES = (POPULARITY, FREQUENCY)
CHALLENGERS = (TIFU_KNN, ITEM_SIMILARITY, HABIT_RANKER, BOOSTED_RANKER)
LEARNT = (HABIT_RANKER, BOOSTED_RANKER)

# Breaks ties by what sells, without ever outweighing a purchase: shares of all orders are far below 1.
TIE = 1e-3


@dataclass(frozen=True)
class Ranker:
    """What was learnt: a logistic regression over the candidates, and trees over the first of them.

    The regression is `(design - centre) / scale @ weights`, the odds to be bought. Each half may be missing.
    """

    centre: np.ndarray
    scale: np.ndarray
    weights: np.ndarray | None
    intercept: float
    trees: HistGradientBoostingClassifier | None

    def score(self, inputs: np.ndarray) -> np.ndarray:
        """Probability per row that the product is in the customer's next order."""
        total = np.full(len(inputs), self.intercept)
        for place in range(inputs.shape[1]):  # column by column: a row's sum must not depend on how many rows there are
            total += (inputs[:, place] - self.centre[place]) / self.scale[place] * self.weights[place]
        return 1 / (1 + np.exp(-total))


def design(found: Candidates, habits: Habits) -> np.ndarray:
    """Numeric inputs of the ranker, one row per candidate; a product never bought has the least of every habit."""
    row, own = np.maximum(found.row, 0), found.row >= 0

    def habit(values: np.ndarray, without: float) -> np.ndarray:
        return np.where(own, values[row], without) if len(values) else np.full(len(own), without)

    times = habit(habits.times, 0.0)
    gap = habit(habits.gap(), np.nan)
    silent = habit(habits.last_days, 0.0)
    due = np.log(np.clip((silent + 0.5) / np.maximum(gap, 0.5), 0.02, 50.0))
    due = np.where(np.isnan(due), 0.0, due)
    orders = np.maximum(habits.orders[found.customer], 1)
    return np.column_stack(
        [
            np.log(found.own + 1e-3),
            np.log(found.like + 1e-3),
            np.log(found.sold + 1e-6),
            np.log(habit(habits.short, 0.0) + 0.01),
            np.log(habit(habits.long, 0.0) + 0.01),
            np.log(habit(habits.fresh, 0.0) + 0.01),
            np.log1p(times),
            times == 1,
            own,
            np.log1p(habit(habits.last_orders, 0.0)),
            np.log1p(silent),
            due,
            due**2,
            np.log(times / orders + 1e-3),
            np.log(orders),
        ]
    ).astype(np.float64)


@dataclass(frozen=True)
class Examples:
    """What rankers learn from: candidates of an earlier date and what followed.

    design, bought: per candidate. table, table_bought, basket: per row of the trees' inputs, with whether it was bought
    and the number of products that were. customers: how many there are.
    """

    customers: int
    design: np.ndarray
    bought: np.ndarray
    table: np.ndarray
    table_bought: np.ndarray
    basket: np.ndarray


def examples(
    found: Candidates, habits: Habits, bought: np.ndarray, basket: np.ndarray, settings: RecommendSettings
) -> Examples:
    """Examples from candidates, whether each was bought, and the size of its customer's basket."""
    first = scores(TIFU_KNN, found, habits, settings)
    rows = boosted.shortlist(found, first, settings)
    table = boosted.inputs(found, first, habits, rows)
    customers = len(np.unique(found.customer))
    return Examples(customers, design(found, habits), bought, table, bought[rows], basket[rows])


def fit(learnt_from: list[Examples], settings: RecommendSettings, models: Collection[str] = LEARNT) -> Ranker | None:
    """The rankers `models` learnt from examples of earlier dates; None where bought or not bought never occurs."""
    from sklearn.linear_model import LogisticRegression

    inputs, bought, table, table_bought, basket = (
        np.concatenate([getattr(one, name) for one in learnt_from])
        for name in ("design", "bought", "table", "table_bought", "basket")
    )
    if not (0 < bought.sum() < len(bought) and 0 < table_bought.sum() < len(table_bought)):
        return None
    centre, scale = inputs.mean(axis=0), inputs.std(axis=0)
    scale[scale < 1e-9] = 1.0
    trees = boosted.fit(table, table_bought, basket, settings) if BOOSTED_RANKER in models else None
    if HABIT_RANKER not in models:
        return Ranker(centre, scale, None, 0.0, trees)
    with threadpool_limits(1):
        learnt = LogisticRegression(C=settings.inverse_regularisation, solver="newton-cholesky", max_iter=30)
        learnt.fit((inputs - centre) / scale, bought)
    # Weights are rounded so that the last bits of a sum over rows cannot reach the scores.
    weights, intercept = np.round(learnt.coef_[0], 9), round(float(learnt.intercept_[0]), 9)
    return Ranker(centre, scale, weights, intercept, trees)


def scores(
    name: str, found: Candidates, habits: Habits, settings: RecommendSettings, ranker: Ranker | None = None
) -> np.ndarray:
    """Scores of one model for all candidates; higher comes first.

    Raises:
        ValueError: no such model, or the ranker is not learnt.
    """
    if name == POPULARITY:
        return found.sold
    if name == FREQUENCY:
        times = habits.times[np.maximum(found.row, 0)] if len(habits.times) else np.zeros(len(found.row))
        return np.where(found.row >= 0, times, 0.0) + TIE * found.sold
    if name == TIFU_KNN:
        return settings.own_share * found.own + (1 - settings.own_share) * found.like + TIE * found.sold
    if name == ITEM_SIMILARITY:
        return found.own + found.akin + TIE * found.sold
    if name == HABIT_RANKER and ranker is not None and ranker.weights is not None:
        return ranker.score(design(found, habits))
    if name == BOOSTED_RANKER and ranker is not None and ranker.trees is not None:
        first = scores(TIFU_KNN, found, habits, settings)
        return boosted.score(ranker.trees, found, first, habits, settings)
    raise ValueError(f"no model {name!r} to rank with")
