"""All models on one past date with an outcome that is known by now, and which of them may serve."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import numpy as np

from models.judging import ranking

from .candidates import Candidates, candidates, find
from .habits import NOBODY, Habits, habits, later_purchases, next_orders
from .history import History, sample
from .lists import allowed, lists
from .neighbours import gather, pool_of, similar_items
from .rankers import BASELINES, CHALLENGERS, ITEM_SIMILARITY, LEARNT, Examples, Ranker, examples, fit, scores
from .settings import RecommendSettings


@dataclass(frozen=True)
class Comparison:
    """What each model reached on the customers who ordered within the horizon after the judged date.

    baskets: figures per model for the next order, lists of `basket_size`. new: the same for products never bought
    before, against all purchases of the horizon that were new to the customer. coverage: share of the products sold
    lately that are in somebody's list. challenger, challenger_new: the best of the challengers for baskets and for new
    products, promoted or not; "" where nothing could be judged. serve, serve_new: the models that may serve; note: why
    baskets are not served by the challenger. ranker: learnt on the judged date, as far as it serves.
    """

    baskets: dict[str, ranking.Judged] = field(default_factory=dict)
    new: dict[str, ranking.Judged] = field(default_factory=dict)
    coverage: dict[str, float] = field(default_factory=dict)
    challenger: str = ""
    challenger_new: str = ""
    serve: str = BASELINES[-1]
    serve_new: str = BASELINES[0]
    note: str = ""
    ranker: Ranker | None = None


def compare(
    history: History, unavailable: np.ndarray, settings: RecommendSettings, days_ago: int | None = None
) -> Comparison:
    """Judge on `days_ago` days before the history's end (default: the newest date whose horizon has ended).

    The ranker that is judged learnt one horizon earlier; nothing that any model sees is later than the judged date.
    """
    horizon = settings.horizon_days
    days_ago = horizon if days_ago is None else days_ago
    past = habits(history, days_ago, settings, NOBODY)
    bought = next_orders(history, days_ago, settings)
    judged = np.unique(bought[0])
    judged = sample(history, settings.max_judged_customers, judged[past.orders[judged] > 0])
    if len(judged) < settings.min_judged_customers:
        return Comparison(
            note=f"cannot be judged: {len(judged)} customers ordered in the last {horizon} days, "
            f"{settings.min_judged_customers} are needed: {BASELINES[-1]} served"
        )
    past = _with_pool(history, past, judged, days_ago, settings)
    pool = gather(history, past, settings)
    similar = similar_items(pool, settings)
    ranker = learn(history, days_ago + horizon, settings)
    per_model: dict[str, list[tuple[np.ndarray, ...]]] = {}
    new_lists: dict[str, list[tuple[np.ndarray, ...]]] = {}
    names = [name for name in (*BASELINES, *CHALLENGERS) if name not in LEARNT or ranker is not None]
    training: list[Candidates] = []
    learners = sample(history, settings.training_customers, judged)
    for start in range(0, len(judged), settings.block_customers):
        found = candidates(past, pool, judged[start : start + settings.block_customers], settings, similar)
        may = allowed(found, past, unavailable, settings)
        training.append(_only(found, ~found.is_akin_only & np.isin(found.customer, learners)))
        for name in names:
            score = scores(name, found, past, settings, ranker)
            mine = may if name == ITEM_SIMILARITY else may & ~found.is_akin_only
            for kept, rows, count in (
                (per_model, mine, settings.basket_size),
                (new_lists, mine & (found.row < 0), settings.new_products),
            ):
                best = lists(found, score, rows, count)
                kept.setdefault(name, []).append((best.customer, best.product, best.rank))

    truth = _of(judged, *bought)
    new_truth = _never_before(past, *_of(judged, *later_purchases(history, days_ago, settings)))
    sold = np.flatnonzero(past.is_sold)
    baskets, new, coverage = {}, {}, {}
    for name in names:
        listed = [np.concatenate(parts) for parts in zip(*per_model[name], strict=True)]
        baskets[name] = ranking.judge(*listed, *truth, settings.basket_size)
        coverage[name] = ranking.coverage(listed[1], sold)
        listed = [np.concatenate(parts) for parts in zip(*new_lists[name], strict=True)]
        new[name] = ranking.judge(*listed, *new_truth, settings.new_products)
    challenger = max((name for name in names if name in CHALLENGERS), key=lambda name: baskets[name].recall.mean())
    challenger_new = max((name for name in names if name in CHALLENGERS), key=lambda name: new[name].hit.sum())
    serve, note = promoted(baskets, challenger)
    serve_new = promoted_new(new, challenger_new)
    serving = {serve, serve_new}.intersection(LEARNT)  # what serves nobody need not be learnt
    return Comparison(
        baskets,
        new,
        coverage,
        challenger,
        challenger_new,
        serve,
        serve_new,
        note,
        _fitted([_examples(history, past, one, bought, settings) for one in training], settings, serving)
        if serving
        else None,
    )


def promoted(baskets: dict[str, ranking.Judged], challenger: str) -> tuple[str, str]:
    """Who serves, and why it is not the challenger.

    The challenger must beat every baseline in recall and in NDCG, in recall by more than chance: the paired 95 %
    interval over customers lies above zero.
    """
    fallback = max(BASELINES, key=lambda name: baskets[name].recall.mean())
    for name in BASELINES:
        low, _ = ranking.gain_interval(baskets[challenger].recall, baskets[name].recall)
        if low <= 0 or baskets[challenger].ndcg.mean() <= baskets[name].ndcg.mean():
            return fallback, f"{challenger} did not clearly beat {name} out of time: {fallback} served"
    return challenger, ""


def promoted_new(new: dict[str, ranking.Judged], challenger: str) -> str:
    """Who serves new products: the challenger where it finds them clearly more often than popularity does."""
    low, _ = ranking.gain_interval(new[challenger].hit, new[BASELINES[0]].hit)
    return challenger if low > 0 else BASELINES[0]


def learn(history: History, days_ago: int | Sequence[int], settings: RecommendSettings) -> Ranker | None:
    """The ranker learnt from the candidates of past dates and the orders that followed each within the horizon.

    Of every date at most `training_customers` are learnt from.
    """
    learnt_from = []
    for one in [days_ago] if isinstance(days_ago, int) else days_ago:
        past = habits(history, one, settings, NOBODY)
        bought = next_orders(history, one, settings)
        ordered = np.unique(bought[0])
        learners = sample(history, settings.training_customers, ordered[past.orders[ordered] > 0])
        if len(learners):
            past = _with_pool(history, past, learners, one, settings)
            found = candidates(past, gather(history, past, settings), learners, settings)
            learnt_from.append(_examples(history, past, found, bought, settings))
    return _fitted(learnt_from, settings)


def _with_pool(
    history: History, known: Habits, customers: np.ndarray, days_ago: int, settings: RecommendSettings
) -> Habits:
    """Habits of some customers and of the pool: the only ones that are looked at, however many there are."""
    return habits(history, days_ago, settings, np.union1d(customers, pool_of(history, known, settings)), known)


def _examples(
    history: History,
    past: Habits,
    found: Candidates,
    bought: tuple[np.ndarray, np.ndarray],
    settings: RecommendSettings,
) -> Examples:
    products = len(history.products)
    true = bought[0].astype(np.int64) * products + bought[1]
    target = find(true, found.customer.astype(np.int64) * products + found.product) >= 0
    size = np.bincount(bought[0], minlength=len(history.customers))
    return examples(found, past, target, size[found.customer], settings)


def _fitted(
    learnt_from: list[Examples], settings: RecommendSettings, models: Collection[str] = LEARNT
) -> Ranker | None:
    if sum(one.customers for one in learnt_from) < settings.min_training_customers:
        return None
    return fit(learnt_from, settings, models)


def _only(found: Candidates, rows: np.ndarray) -> Candidates:
    return Candidates(*(values[rows] for values in vars(found).values()))


def _of(customers: np.ndarray, customer: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    kept = np.isin(customer, customers)
    return customer[kept], product[kept]


def _never_before(past: Habits, customer: np.ndarray, product: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    products = len(past.sold)
    before = past.customer.astype(np.int64) * products + past.product
    new = find(before, customer.astype(np.int64) * products + product) < 0
    return customer[new], product[new]
