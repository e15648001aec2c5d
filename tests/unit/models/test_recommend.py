"""Recommendations: what is promoted and served, what is left out, and why."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recommend import RecommendSettings, run
from models.recommend.compare import Comparison
from models.recommend.habits import habits
from models.recommend.history import read
from models.recommend.lists import NEW_PRODUCT, NEXT_BASKET
from models.recommend.rankers import BASELINES, CHALLENGERS, FREQUENCY
from models.recommend.step import lists_of

AS_OF = date(2026, 6, 30)


def shop(customers: int = 140, days: int = 200, seed: int = 3) -> pd.DataFrame:
    """Two tastes of thirty products; everyone buys from a few of their taste, each at a pace of its own."""
    generator = np.random.default_rng(seed)
    rows = []
    for number in range(customers):
        goods = generator.choice(30, 10, replace=False) + 30 * (number % 2)
        pace = generator.integers(1, 8, len(goods))
        for trip, ago in enumerate(range(days, -1, -int(generator.integers(4, 9))), start=1):
            for product, every in zip(goods, pace, strict=True):
                if (trip + product) % every == 0:
                    rows.append((f"c{number:03d}", f"o{number}-{trip}", AS_OF - timedelta(days=ago), f"p{product:02d}"))
            if generator.random() < 0.3:
                rows.append(
                    (
                        f"c{number:03d}",
                        f"o{number}-{trip}",
                        AS_OF - timedelta(days=ago),
                        f"p{generator.integers(30) + 30 * (number % 2):02d}",
                    )
                )
    return pd.DataFrame(rows, columns=["customer_id", "order_id", "order_date", "product_id"])


@pytest.fixture(scope="module")
def lines() -> pd.DataFrame:
    return shop()


@pytest.fixture(scope="module")
def result(lines):
    return run(lines, AS_OF)


def rows_of(result, customer: str, kind: str = NEXT_BASKET) -> pd.DataFrame:
    table = result.lists.to_pandas()
    return table[(table["customer_id"] == customer) & (table["kind"] == kind)].sort_values("rank")


def few(*purchases: tuple[str, int, str]) -> pd.DataFrame:
    """Lines from customer, days ago and product; one order per customer and day."""
    return pd.DataFrame(
        [(who, f"{who}-{ago}", AS_OF - timedelta(days=ago), what) for who, ago, what in purchases],
        columns=["customer_id", "order_id", "order_date", "product_id"],
    )


def test_a_model_that_beats_the_baselines_is_promoted_and_says_so(result):
    assert result.served_by in CHALLENGERS
    assert result.note == ""
    figures = result.grades[result.grades["metric"] == "recall_at_20"].set_index("baseline")
    for baseline in BASELINES:
        assert figures.loc[baseline, "value"] > figures.loc[baseline, "baseline_value"]
    assert set(figures["population"]) == {140}
    assert result.grades["metric"].iloc[0] == "recall_at_20"
    assert set(result.lists.to_pandas()["model"]) <= {result.served_by, result.comparison.serve_new}


def test_every_customer_has_whole_lists_and_new_means_new(lines, result):
    table = result.lists.to_pandas()
    assert result.customers == lines["customer_id"].nunique() == table["customer_id"].nunique()
    bought = set(zip(lines["customer_id"], lines["product_id"], strict=True))
    new = table[table["kind"] == NEW_PRODUCT]
    assert not bought & set(zip(new["customer_id"], new["product_id"], strict=True))
    assert len(new) == 140 * 5
    for _, one in table.groupby(["customer_id", "kind"], observed=True):
        assert one["rank"].tolist() == list(range(1, len(one) + 1))
        assert one["product_id"].is_unique
        assert one["score"].is_monotonic_decreasing


def test_new_products_come_from_customers_alike(result):
    table = result.lists.to_pandas()
    new = table[table["kind"] == NEW_PRODUCT]
    taste = new["customer_id"].str[1:].astype(int) % 2
    assert (new["product_id"].str[1:].astype(int) // 30 == taste).mean() > 0.95


def test_nothing_later_than_as_of_is_looked_at(lines):
    earlier = AS_OF - timedelta(days=40)
    known = lines[lines["order_date"] <= earlier]
    assert run(lines, earlier).lists.equals(run(known, earlier).lists)


def test_the_order_of_rows_changes_nothing_and_a_rerun_is_the_same(lines, result):
    again = run(lines.sample(frac=1, random_state=7), AS_OF)
    assert again.lists.equals(result.lists)
    pd.testing.assert_frame_equal(again.grades, result.grades)


def test_a_customer_s_lists_do_not_depend_on_who_is_scored_with_them(lines, result):
    chosen = RecommendSettings()
    history = read(lines, AS_OF, chosen)
    tonight = habits(history, 0, chosen)
    models = (result.comparison.serve, result.comparison.serve_new)
    none = np.zeros(len(history.products), bool)

    def listed(customers, block):
        batches = lists_of(
            history, tonight, models, result.comparison.ranker, customers, none, replace(chosen, block_customers=block)
        )
        return pd.concat([batch.to_pandas() for batch in batches]).reset_index(drop=True)

    together = listed(np.arange(140), 1000)
    halves = listed(np.arange(140), 70)
    columns = ["customer_id", "kind", "rank", "product_id", "score", "model", "reason"]
    tables = [
        one[columns].astype({name: str for name in columns}).sort_values(columns[:3], ignore_index=True)
        for one in (together, halves)
    ]
    pd.testing.assert_frame_equal(*tables)
    alone = listed(np.array([17]), 1000)
    mine = together[together["customer_id"] == history.customers[17]]
    assert alone["product_id"].tolist() == mine["product_id"].tolist()
    assert alone["score"].tolist() == mine["score"].tolist()


def test_a_demoted_model_stands_back_but_its_grades_stay(lines, result):
    demoted = run(lines, AS_OF, demoted="fell below popularity: baseline served")
    assert demoted.served_by in BASELINES
    assert demoted.note == "fell below popularity: baseline served"
    assert set(demoted.lists.to_pandas()["model"]) <= set(BASELINES)
    pd.testing.assert_frame_equal(demoted.grades, result.grades)


@pytest.mark.slow
def test_what_can_not_be_had_is_not_recommended(lines):
    names = [f"p{number:02d}" for number in range(59)] + ["p99"]  # p59 is in no catalogue
    catalogue = pd.DataFrame({"product_id": names, "is_available": [False, None, *[True] * 58]})
    listed = set(run(lines, AS_OF, catalogue).lists.to_pandas()["product_id"])
    assert listed == {f"p{number:02d}" for number in range(1, 59)}
    assert "p59" not in set(run(lines, AS_OF, catalogue[["product_id"]]).lists.to_pandas()["product_id"])


def test_what_nobody_buys_any_more_is_not_recommended():
    table = few(("a", 100, "gone"), ("a", 90, "gone"), ("a", 40, "sold"), ("b", 30, "sold"), ("b", 20, "other"))
    assert rows_of(run(table, AS_OF), "a")["product_id"].tolist() == ["sold", "other"]


def test_what_was_bought_just_now_waits_unless_it_is_bought_often():
    rare = [("a", ago, "shampoo") for ago in (121, 61, 1)]
    daily = [("a", ago, "milk") for ago in range(40, -1, -4)]
    products = rows_of(run(few(*rare, *daily, ("a", 0, "first")), AS_OF), "a")["product_id"].tolist()
    assert products == ["milk"]


def test_reasons_are_words_with_figures():
    table = few(
        *[("a", ago, "tea") for ago in (70, 56, 42, 28, 15)], ("a", 33, "jam"), *[("b", n, "rice") for n in (9, 4)]
    )
    mine = rows_of(run(table, AS_OF), "a").set_index("product_id")
    assert mine.loc["tea", "reason"] == "bought 5 times, usually every 14 days, last 15 days ago"
    assert mine.loc["tea", ["times_bought", "usual_gap_days", "days_since_last"]].tolist() == [5, 14, 15]
    assert mine.loc["jam", "reason"] == "bought once, 33 days ago"
    assert pd.isna(mine.loc["jam", "usual_gap_days"])
    assert mine.loc["rice", "reason"].startswith("new to this customer; ")
    assert mine.loc["rice", "times_bought"] == 0


def test_a_reason_that_several_figures_lead_to_is_one_word_of_the_column():
    """Less than a day apart and a day apart are both every day; pandas takes no dictionary that repeats itself."""
    evening = few(("a", 3, "jam")).assign(order_id="a-3-evening")
    table = pd.concat([few(("a", 4, "tea"), ("a", 3, "tea"), ("a", 3, "jam")), evening])
    batches = run(table, AS_OF).lists.to_batches()
    mine = pd.concat([batch.to_pandas() for batch in batches]).astype(str)
    assert mine["reason"].tolist() == ["bought twice, usually every day, last 3 days ago"] * 2


def test_the_reason_for_something_new_says_where_it_comes_from(result):
    table = result.lists.to_pandas()
    new = table[table["kind"] == NEW_PRODUCT]
    shares = new["reason"].astype(str).str.extract(r"have it in (\d+) % of their orders$")[0].dropna().astype(int)
    assert len(shares) > 0.9 * len(new)
    assert shares.between(1, 100).all()


def test_too_few_customers_to_judge_is_told_and_own_habits_serve():
    found = run(few(("a", 5, "tea"), ("b", 3, "tea")), AS_OF)
    assert found.served_by == FREQUENCY
    assert "50 are needed" in found.note
    assert found.grades.empty


def test_no_model_is_promoted_on_chance():
    generator = np.random.default_rng(5)
    lines = pd.DataFrame(
        {
            "customer_id": generator.integers(0, 120, 6000).astype(str),
            "order_date": [AS_OF - timedelta(days=int(ago)) for ago in generator.integers(0, 150, 6000)],
            "product_id": generator.integers(0, 300, 6000).astype(str),
        }
    )
    found = run(lines.assign(order_id=lines["customer_id"] + lines["order_date"].astype(str)), AS_OF)
    assert found.served_by in BASELINES
    assert "did not clearly beat" in found.note


def test_strange_customers_stop_nothing(lines):
    busy = pd.DataFrame(
        {
            "customer_id": "busy",
            "order_id": [f"x{n}" for n in range(10_000)],
            "order_date": [AS_OF - timedelta(days=n % 700) for n in range(10_000)],
            "product_id": [f"p{n % 60:02d}" for n in range(10_000)],
        }
    )
    odd = pd.DataFrame(
        [
            ("änne 🛒", "ö1", AS_OF, "p00"),
            ("once", "o-once", AS_OF - timedelta(days=3), "p31"),
            ("future", "o-f", AS_OF + timedelta(days=9), "p31"),
            ("long ago", "o-l", AS_OF - timedelta(days=5000), "p31"),
            (None, "o-n", AS_OF, "p31"),
            ("no product", "o-p", AS_OF, None),
            ("no day", "o-d", None, "p31"),
        ],
        columns=lines.columns,
    )
    found = run(pd.concat([lines, busy, odd, odd]), AS_OF)
    customers = set(found.lists.to_pandas()["customer_id"])
    assert {"änne 🛒", "once", "busy"} <= customers
    assert not {"future", "long ago", "no product", "no day", "None"} & customers
    assert rows_of(found, "busy")["times_bought"].max() <= 200


def test_no_orders_at_all_is_an_empty_table():
    found = run(few(), AS_OF)
    assert found.lists.num_rows == 0
    assert found.customers == 0
    assert isinstance(found.comparison, Comparison)


def test_a_missing_column_is_one_clear_line():
    with pytest.raises(ValueError, match="order lines lack the column product_id"):
        run(few(("a", 1, "tea")).drop(columns="product_id"), AS_OF)


purchases = st.lists(
    st.tuples(st.sampled_from("abcd"), st.integers(-5, 120), st.sampled_from(["tea", "jam", "rice", "🥚"])), max_size=30
)


@settings(max_examples=15, deadline=None)
@given(purchases)
def test_any_small_shop_gets_lists_of_what_is_sold(rows):
    found = run(few(*rows), AS_OF)
    table = found.lists.to_pandas()
    known = {(who, what) for who, ago, what in rows if ago >= 0}
    assert set(table["customer_id"]) <= {who for who, _ in known}
    assert set(table["product_id"]) <= {what for _, what in known}
    for row in table.itertuples():
        assert ((row.customer_id, row.product_id) in known) == (row.times_bought > 0)
        assert row.kind == NEXT_BASKET or row.times_bought == 0
