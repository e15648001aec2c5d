"""The protocol of the recommendation benchmark: what is left out, and what is known before a last basket."""

from datetime import date

import numpy as np
import pandas as pd

from benchmarks.intelligence.recommend import above_bar, filtered, last_baskets, told_apart
from models.judging import ranking
from models.recommend.history import read


def lines(*rows: tuple[str, str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["customer_id", "order_id", "product_id", "order_date"])
    return table.assign(order_date=pd.to_datetime(table["order_date"]))


def test_rare_products_and_short_histories_leave_in_turn():
    table = lines(
        ("a", "1", "tea", "2026-01-01"),
        ("a", "2", "tea", "2026-01-02"),
        ("b", "3", "tea", "2026-01-01"),
        ("b", "4", "jam", "2026-01-02"),  # jam has one buyer; without it b has one basket; without b, tea has one buyer
    )
    assert filtered(table, 2, 2).empty
    assert len(filtered(table, 1, 2)) == 4


def test_an_earlier_order_of_the_last_day_is_known_before_the_last_one():
    table = told_apart(
        lines(("a", "1", "tea", "2026-01-02"), ("a", "2", "jam", "2026-01-02"), ("b", "3", "tea", "2026-01-02"))
    )
    history = read(table, date(2026, 1, 2))
    last = last_baskets(history)
    assert [history.products[code] for code in last["product"]] == ["jam", "tea"]
    assert set(last["age"]) == {0}
    assert sorted(history.age) == [0, 0, 1]


def test_the_bar_is_asked_for_by_both_divisors():
    # One customer, forty products, eleven of the first twenty found: below by the basket, above by at most twenty.
    found = np.arange(20)
    judged = ranking.judge(np.zeros(20, int), found, found + 1, np.zeros(40, int), np.r_[np.arange(11), 50:79], 20)
    (plain, published) = above_bar(judged, np.array([40])).values()
    assert plain == (11 / 40, False)
    assert published == (11 / 20, True)
