"""Boosted trees: what they know of baskets, whom they rank again, and that nothing depends on who else is there."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recommend import RecommendSettings, boosted
from models.recommend.boosted import coarse, fit, inputs, score, shortlist
from models.recommend.candidates import candidates
from models.recommend.habits import habits
from models.recommend.history import read
from models.recommend.neighbours import gather
from models.recommend.rankers import BOOSTED_RANKER, HABIT_RANKER, TIFU_KNN, examples, scores
from models.recommend.rankers import fit as learn

AS_OF = date(2026, 6, 30)


def lines(*baskets: tuple[str, int, str]) -> pd.DataFrame:
    """Lines from customer, days ago and the products' letters; one order per customer and day."""
    return pd.DataFrame(
        [(who, f"{who}-{1000 - ago}", AS_OF - timedelta(days=ago), one) for who, ago, what in baskets for one in what],
        columns=["customer_id", "order_id", "order_date", "product_id"],
    )


def test_a_product_that_comes_alone_makes_up_more_of_a_basket():
    known = habits(read(lines(("x", 9, "abcd"), ("x", 4, "e"), ("x", 1, "abcd")), AS_OF), 0, RecommendSettings())
    whole = known.baskets
    assert whole.since[0] == 1
    assert whole.gap[0] == 4.0
    assert whole.last_size[0] == pytest.approx(np.log(4))
    assert known.recent[4] < known.recent[0]  # e was bought once, a twice
    weights = np.exp2(-np.arange(3) / 30.0) / np.sqrt([4, 1, 4])
    assert whole.light[0] == pytest.approx((weights[0] + weights[2]) / weights.sum())
    assert whole.light[4] == pytest.approx(weights[1] / weights.sum())
    assert whole.size.tolist() == pytest.approx([np.log(4)] * 4 + [0.0])
    assert whole.first_orders.tolist() == [2, 2, 2, 2, 1]


@given(
    st.lists(
        st.tuples(st.sampled_from("xyz"), st.integers(0, 60), st.text("abcdefgh", min_size=1, max_size=6)), min_size=1
    )
)
@settings(deadline=None, max_examples=40)
def test_what_is_known_of_baskets_depends_on_the_customer_alone(made):
    history = read(lines(*made), AS_OF)
    all_of_them = habits(history, 0, RecommendSettings())
    for code in range(len(history.customers)):
        alone = habits(history, 0, RecommendSettings(), np.array([code]))
        mine = slice(all_of_them.starts[code], all_of_them.starts[code + 1])
        for name in ("light", "size", "first_orders"):
            np.testing.assert_array_equal(getattr(alone.baskets, name), getattr(all_of_them.baskets, name)[mine])
        for name in ("usual_size", "last_size", "since", "gap"):
            assert getattr(alone.baskets, name)[code] == getattr(all_of_them.baskets, name)[code]


@pytest.fixture(scope="module")
def found():
    generator = np.random.default_rng(5)
    made = [
        (f"c{who:02d}", ago, "".join(generator.choice(list("abcdefghijklmnop"), generator.integers(1, 6), False)))
        for who in range(40)
        for ago in range(int(generator.integers(0, 5)), 90, 7)
    ]
    history = read(lines(*made), AS_OF)
    chosen = replace(RecommendSettings(), shortlist=5, trees=8, min_leaf_rows=5)
    known = habits(history, 0, chosen)
    return known, candidates(known, gather(history, known, chosen), np.arange(40), chosen), chosen


def test_the_shortlist_is_each_customer_s_best_and_comes_before_all_others(found):
    known, offered, chosen = found
    first = scores(TIFU_KNN, offered, known, chosen)
    rows = shortlist(offered, first, chosen)
    assert np.bincount(offered.customer[rows]).tolist() == [5] * 40
    table = inputs(offered, first, known, rows)
    bought = offered.product[rows] % 2 == 0
    trees = fit(table, bought, np.full(len(rows), 4), chosen)
    ranked = score(trees, offered, first, known, chosen)
    others = np.setdiff1d(np.arange(len(first)), rows)
    assert ranked[rows].min() > 1 > ranked[others].max()
    for code in range(40):
        mine = offered.customer[rows] == code
        assert first[rows][mine].min() >= first[others][offered.customer[others] == code].max()


@pytest.mark.parametrize("at_once", [1, 7, 200])
def test_rows_scored_in_pieces_are_scored_alike(found, monkeypatch, at_once):
    known, offered, chosen = found
    first = scores(TIFU_KNN, offered, known, chosen)
    rows = shortlist(offered, first, chosen)
    table = inputs(offered, first, known, rows)
    trees = fit(table, offered.product[rows] % 2 == 0, np.full(len(rows), 4), chosen)
    monkeypatch.setattr(boosted, "_ROWS_AT_ONCE", at_once)
    in_pieces = score(trees, offered, first, known, chosen)
    np.testing.assert_array_equal(in_pieces[rows], 1 + trees.predict_proba(table)[:, 1])


@pytest.mark.parametrize(("wanted", "other"), [(HABIT_RANKER, BOOSTED_RANKER), (BOOSTED_RANKER, HABIT_RANKER)])
def test_a_ranker_learnt_alone_ranks_as_if_learnt_with_the_other(found, wanted, other):
    known, offered, chosen = found
    bought = offered.product % 2 == 0
    learnt_from = [examples(offered, known, bought, np.full(len(bought), 4), chosen)]
    alone, both = learn(learnt_from, chosen, {wanted}), learn(learnt_from, chosen)
    np.testing.assert_array_equal(
        scores(wanted, offered, known, chosen, alone), scores(wanted, offered, known, chosen, both)
    )
    with pytest.raises(ValueError, match=other):
        scores(other, offered, known, chosen, alone)


def test_a_bought_product_of_a_small_basket_counts_for_more(found):
    known, offered, chosen = found
    rows = np.arange(len(offered.product))
    table = np.zeros((len(rows), 1), np.float32)
    bought = np.arange(len(rows)) % 2 == 0
    small, large = (fit(table, bought, np.full(len(rows), size), chosen) for size in (1, 25))
    assert small.predict_proba(table[:1])[0, 1] == pytest.approx(0.5, abs=0.05)
    assert large.predict_proba(table[:1])[0, 1] == pytest.approx(1 / 6, abs=0.05)


@given(st.lists(st.floats(-50, 50, width=32) | st.just(np.nan), min_size=1, max_size=60), st.integers(2, 9))
@settings(deadline=None, max_examples=60)
def test_coarse_values_are_few_keep_their_order_and_split_where_the_nearest_changes(column, bins):
    table = np.array(column, np.float32)[:, None]
    moved = coarse(table, replace(RecommendSettings(), bins=bins))[:, 0]
    assert np.isnan(moved).tolist() == np.isnan(table[:, 0]).tolist()
    levels = np.unique(moved[~np.isnan(moved)]).astype(np.float64)
    assert len(levels) <= bins
    for middle in (levels[1:] + levels[:-1]) / 2:
        known = ~np.isnan(moved)
        assert ((moved[known] > middle) == (table[known, 0] > middle)).all()
