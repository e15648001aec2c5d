"""The whole recommendation step: compare the models out of time, decide what serves, make every customer's lists."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from ..grades import Judged, as_day, grades_table
from .candidates import candidates
from .compare import Comparison, compare
from .habits import NOBODY, Habits, habits
from .history import History, read
from .lists import KINDS, NEW_PRODUCT, allowed, lists
from .neighbours import gather, pool_of, similar_items
from .rankers import BASELINES, ITEM_SIMILARITY, POPULARITY, Ranker, scores
from .reasons import explain
from .settings import RecommendSettings

WORDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        ("customer_id", WORDS),
        ("as_of", pa.date32()),
        ("kind", WORDS),
        ("rank", pa.int64()),
        ("product_id", WORDS),
        ("score", pa.float64()),
        ("model", WORDS),
        ("reason", WORDS),
        ("times_bought", pa.int64()),
        ("usual_gap_days", pa.int64()),
        ("days_since_last", pa.int64()),
    ]
)


@dataclass(frozen=True)
class Reached:
    """Who has a list, and what is in any list: true per customer and per product; filled in as lists are made."""

    customers: np.ndarray
    products: np.ndarray

    def passing(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches as they come, each taken note of."""
        for batch in batches:
            self.customers[batch["customer_id"].indices.to_numpy()] = True
            self.products[batch["product_id"].indices.to_numpy()] = True
            yield batch


@dataclass(frozen=True)
class RecommendResult:
    """Lists of the run's day, grades of the judged day, and what was served and why.

    lists: SCHEMA, one row per customer, kind ('next_basket' or 'new_product') and rank; where they are streamed, a
    reader that makes them as it is read, once. served_by: model of the next
    basket; note says why it is a baseline, else is empty; new products may have another one, each row names its own.
    comparison: all models on the judged day. sold: products sold lately. reached: by the lists made so far.
    """

    lists: pa.Table | pa.RecordBatchReader
    grades: pd.DataFrame
    served_by: str
    note: str
    comparison: Comparison
    sold: int
    reached: Reached

    @property
    def customers(self) -> int:
        """How many have a list."""
        return int(self.reached.customers.sum())

    @property
    def catalogue_share(self) -> float:
        """Share of the products sold lately that are recommended to somebody."""
        return round(int(self.reached.products.sum()) / self.sold, RecommendSettings.decimals) if self.sold else 0.0


def run(
    lines: pd.DataFrame | pa.Table | duckdb.DuckDBPyRelation,
    as_of: object,
    products: pd.DataFrame | None = None,
    settings: RecommendSettings | None = None,
    demoted: str = "",
    streamed: bool = False,
) -> RecommendResult:
    """Recommend to every customer who bought something up to `as_of`.

    Args:
        lines: order lines with customer_id, order_id, order_date and product_id. Later ones are not looked at.
        as_of: end of this day.
        products: catalogue with product_id and, where it is known, is_available (false: out of stock, or not sold any
            more); what it lacks is not recommended. Without a catalogue, what sells says what is sold.
        demoted: when not empty, why the best baseline is served instead of the promoted model.
        streamed: whether lists are made as they are read instead of all at once, for more customers than memory holds.

    Raises:
        ValueError: a column is missing.
    """
    settings = settings or RecommendSettings()
    day = as_day(as_of)
    history = read(lines, day, settings)
    unavailable = _unavailable(history, products)
    comparison = compare(history, unavailable, settings)
    served_by, note = comparison.serve, comparison.note
    if demoted:
        if served_by not in BASELINES:
            known = comparison.baskets
            served_by = max(BASELINES, key=lambda name: known[name].recall.mean() if known else name == BASELINES[-1])
        note = demoted
    serve_new = POPULARITY if demoted else comparison.serve_new
    tonight = habits(history, 0, settings, NOBODY)
    customers = np.flatnonzero(tonight.orders > 0)
    reached = Reached(np.zeros(len(history.customers), bool), np.zeros(len(history.products), bool))
    batches = reached.passing(
        lists_of(history, tonight, (served_by, serve_new), comparison.ranker, customers, unavailable, settings)
    )
    return RecommendResult(
        pa.RecordBatchReader.from_batches(SCHEMA, batches) if streamed else pa.Table.from_batches(batches, SCHEMA),
        _grades(comparison, day, settings),
        served_by,
        note,
        comparison,
        int(tonight.is_sold.sum()),
        reached,
    )


def lists_of(
    history: History,
    tonight: Habits,
    models: tuple[str, str],
    ranker: Ranker | None,
    customers: np.ndarray,
    unavailable: np.ndarray,
    settings: RecommendSettings,
) -> Iterator[pa.RecordBatch]:
    """Record batches of SCHEMA for `customers` (ascending codes); a customer's rows depend on no other of them.

    tonight: the habits of the day; of anybody, since those of a block are worked out with it. models: of the next
    basket, and of new products.
    """
    pool = gather(history, habits(history, 0, settings, pool_of(history, tonight, settings), tonight), settings)
    similar = similar_items(pool, settings) if ITEM_SIMILARITY in models else None
    ids = pa.array(history.customers, pa.string()), pa.array(history.products, pa.string())

    def listed(block: np.ndarray) -> list[pa.RecordBatch]:
        own = habits(history, 0, settings, block, tonight)
        found = candidates(own, pool, block, settings, similar)
        may = allowed(found, own, unavailable, settings)
        score = {model: scores(model, found, own, settings, ranker) for model in set(models)}
        batches = []
        for kind, model, count in zip(KINDS, models, (settings.basket_size, settings.new_products), strict=True):
            rows = may if model == ITEM_SIMILARITY else may & ~found.is_akin_only
            best = lists(found, score[model], rows & (found.row < 0) if kind == NEW_PRODUCT else rows, count)
            columns = {
                "customer_id": _coded(best.customer, ids[0]),
                "as_of": pa.array(np.full(len(best.rank), np.datetime64(history.as_of, "D")), pa.date32()),
                "kind": _coded(np.zeros(len(best.rank)), pa.array([kind])),
                "rank": pa.array(best.rank, pa.int64()),
                "product_id": _coded(best.product, ids[1]),
                "score": pa.array(np.round(score[model][best.at], settings.decimals)),
                "model": _coded(np.zeros(len(best.rank)), pa.array([model])),
                **explain(best, found, own),
            }
            batches.append(pa.RecordBatch.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA))
        return batches

    size = settings.block_customers
    blocks = [customers[start : start + size] for start in range(0, len(customers), size)]
    # Sorting and sparse products leave Python's lock; blocks come back in order, whoever is done first, and none is
    # begun long before it is asked for.
    with ThreadPoolExecutor(settings.threads) as threads:
        begun: deque[Future[list[pa.RecordBatch]]] = deque()
        for block in blocks:
            begun.append(threads.submit(listed, block))
            if len(begun) > 2 * settings.threads:
                yield from begun.popleft().result()
        while begun:
            yield from begun.popleft().result()


def _coded(codes: np.ndarray, words: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(pa.array(codes.astype(np.int32)), words)


def _unavailable(history: History, products: pd.DataFrame | None) -> np.ndarray:
    """Per product code, whether the catalogue lacks it or says that it can't be bought; unknown is not unavailable."""
    if products is None:
        return np.zeros(len(history.products), bool)
    listed = products
    if "is_available" in products.columns:
        listed = products[~products["is_available"].eq(False).fillna(False).astype(bool)]
    return ~np.isin(history.products.astype(str), listed["product_id"].dropna().astype(str).to_numpy(dtype=str))


def _grades(comparison: Comparison, day: date, settings: RecommendSettings) -> pd.DataFrame:
    """The challenger beside every other model, most important metric first; empty when nothing could be judged."""
    if not comparison.challenger:
        return grades_table([])
    k = settings.basket_size
    first = day - timedelta(days=settings.horizon_days - 1)
    baskets = Judged("recommendations", day, first, day, len(comparison.baskets[comparison.challenger].recall))
    new = Judged("recommendations", day, first, day, len(comparison.new[comparison.challenger_new].hit))
    rows = []
    for metric, about, judged, figure, mine in (
        (f"recall_at_{k}", baskets, comparison.baskets, "recall", comparison.challenger),
        (f"ndcg_at_{k}", baskets, comparison.baskets, "ndcg", comparison.challenger),
        (f"new_product_hit_rate_at_{settings.new_products}", new, comparison.new, "hit", comparison.challenger_new),
    ):
        means = {name: one.means()[figure] for name, one in judged.items() if len(one.customer)}
        rows += [about.grade(metric, means[mine], name, figure) for name, figure in means.items() if name != mine]
    mine, covered = comparison.challenger, comparison.coverage
    rows += [baskets.grade("catalogue_coverage", covered[mine], name, covered[name]) for name in BASELINES]
    return grades_table(rows)
