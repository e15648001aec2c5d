"""Recall, NDCG and coverage of recommended lists."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.judging.ranking import coverage, gain_interval, interval, judge


def judged(lists: dict[str, list[str]], bought: dict[str, list[str]], k: int):
    rows = [(customer, product, rank) for customer, goods in lists.items() for rank, product in enumerate(goods, 1)]
    truth = [(customer, product) for customer, goods in bought.items() for product in goods]
    columns = list(zip(*rows, strict=True)) if rows else [[], [], []]
    true_columns = list(zip(*truth, strict=True)) if truth else [[], []]
    return judge(*(np.array(c) for c in columns), *(np.array(c) for c in true_columns), k)


def test_recall_and_ndcg_of_one_list_by_hand():
    found = judged({"a": ["milk", "tea", "bread"]}, {"a": ["bread", "milk", "eggs"]}, k=3)
    assert found.recall.tolist() == [pytest.approx(2 / 3)]
    ideal = 1 + 1 / math.log2(3) + 1 / math.log2(4)
    assert found.ndcg.tolist() == [pytest.approx((1 + 1 / math.log2(4)) / ideal)]
    assert found.precision.tolist() == [pytest.approx(2 / 3)]


def test_the_divisor_is_what_was_bought_even_when_it_is_more_than_k():
    found = judged({"a": ["p0", "p1"]}, {"a": [f"p{n}" for n in range(10)]}, k=2)
    assert found.recall.tolist() == [0.2]
    assert found.ndcg.tolist() == [1.0]


def test_a_buyer_without_a_list_counts_as_nothing_found_and_a_list_without_buyer_does_not_count():
    found = judged({"a": ["milk"], "z": ["milk"]}, {"a": ["milk"], "b": ["milk"]}, k=5)
    assert found.customer.tolist() == ["a", "b"]
    assert found.recall.tolist() == [1.0, 0.0]
    assert found.means()["hit"] == 0.5


def test_only_the_first_k_are_read_and_a_product_counts_once():
    found = judged({"a": ["tea", "tea", "milk"]}, {"a": ["milk", "milk"]}, k=2)
    assert found.recall.tolist() == [1.0]
    assert judged({"a": ["tea", "eggs", "milk"]}, {"a": ["milk"]}, k=2).recall.tolist() == [0.0]


def test_nothing_bought_is_no_figure_and_no_crash():
    found = judged({"a": ["milk"]}, {}, k=2)
    assert len(found.recall) == 0
    assert math.isnan(found.means()["recall"])
    assert all(math.isnan(end) for end in interval(found.recall))


def test_mistakes_are_told():
    one = np.array([1])
    with pytest.raises(ValueError, match="k must be"):
        judge(one, one, one, one, one, 0)
    with pytest.raises(ValueError, match="length"):
        judge(one, np.array([1, 2]), one, one, one, 1)
    with pytest.raises(ValueError, match="same ones"):
        gain_interval(np.ones(2), np.ones(3))


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8)), max_size=40, unique=True),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 8)), max_size=40),
    st.integers(1, 6),
    st.randoms(use_true_random=False),
)
def test_agrees_with_the_definition_in_any_order_of_rows(listed, bought, k, random):
    ranked = [(customer, product, rank) for rank, (customer, product) in enumerate(listed)]
    truth: dict[int, set[int]] = {}
    for customer, product in bought:
        truth.setdefault(customer, set()).add(product)
    shuffled, shuffled_truth = ranked[:], bought[:]
    random.shuffle(shuffled)
    random.shuffle(shuffled_truth)
    columns = np.array(shuffled, dtype=np.int64).reshape(-1, 3).T
    true_columns = np.array(shuffled_truth, dtype=np.int64).reshape(-1, 2).T
    found = judge(*columns, *true_columns, k)
    assert found.customer.tolist() == sorted(truth)
    for customer, recall, ndcg in zip(found.customer, found.recall, found.ndcg, strict=True):
        goods = [product for who, product in listed if who == customer][:k]
        relevant = truth[customer]
        assert recall == pytest.approx(len(relevant & set(goods)) / len(relevant))
        gain = sum(1 / math.log2(place + 2) for place, product in enumerate(goods) if product in relevant)
        assert ndcg == pytest.approx(gain / sum(1 / math.log2(p + 2) for p in range(min(k, len(relevant)))))


def test_intervals_hold_the_mean_and_the_paired_one_is_narrower():
    generator = np.random.default_rng(1)
    base = generator.random(500)
    better = base + 0.05 + generator.normal(0, 0.01, 500)
    low, high = interval(better)
    assert low < better.mean() < high
    paired_low, paired_high = gain_interval(better, base)
    assert 0.04 < paired_low < paired_high < 0.06
    assert paired_high - paired_low < (high - low) / 5
    assert interval(better) == (low, high)


def test_coverage_is_a_share_of_the_catalogue():
    assert coverage(np.array(["a", "a", "z"]), np.array(["a", "b", "c", "c", "d"])) == 0.25
    assert math.isnan(coverage(np.array(["a"]), np.array([])))
