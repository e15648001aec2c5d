"""Many customers: lines are read bit by bit, habits worked out a few customers at a time; the answers are the same."""

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.recommend import RecommendSettings, history, run
from models.recommend.habits import NOBODY, Habits, habits
from models.recommend.history import COLUMNS, read

AS_OF = pd.Timestamp("2026-06-30").date()
CUSTOMERS = 6
OF_EVERYBODY = ("orders", "weight", "sold", "is_sold")
OF_ROWS = ("customer", "product", "place", "times", "recent", "short", "long", "fresh")
AGES = ("last_orders", "last_days", "first_days")

purchase = st.tuples(
    st.integers(0, CUSTOMERS - 1).map("c{}".format),
    st.integers(0, 5).map("o{}".format),
    st.integers(0, 90).map(lambda days: pd.Timestamp("2026-06-30") - pd.Timedelta(days=days)),
    st.integers(0, 7).map("p{}".format),
)
shops = st.lists(purchase, min_size=1, max_size=60).map(lambda rows: pd.DataFrame(rows, columns=list(COLUMNS)))


def rows_of(found: Habits, customer: int) -> list[np.ndarray]:
    part = slice(found.starts[customer], found.starts[customer + 1])
    return [getattr(found, name)[part] for name in (*OF_ROWS, *AGES)]


@settings(max_examples=30, deadline=None)
@given(shops, st.sets(st.integers(0, CUSTOMERS - 1)), st.sampled_from([0, 28]))
def test_habits_of_some_customers_are_those_that_they_have_among_all(lines, chosen, days_ago) -> None:
    limits = RecommendSettings(max_orders=4)
    known = read(lines, AS_OF, limits)
    among = np.array(sorted(chosen & set(range(len(known.customers)))), dtype=np.int64)
    whole, everybody = habits(known, days_ago, limits), habits(known, days_ago, limits, NOBODY)
    some = habits(known, days_ago, limits, among, everybody)
    for name in OF_EVERYBODY:
        assert np.array_equal(getattr(some, name), getattr(whole, name)), name
        assert np.array_equal(getattr(everybody, name), getattr(whole, name)), name
    assert not len(everybody.customer) and set(some.customer) <= set(among)
    for customer in among:
        for mine, among_all in zip(rows_of(some, customer), rows_of(whole, customer), strict=True):
            assert np.array_equal(mine, among_all) and mine.dtype == among_all.dtype


@settings(max_examples=8, deadline=None)
@given(shops, st.integers(1, 7))
def test_a_history_read_bit_by_bit_is_the_same(lines, at_a_time) -> None:
    whole = read(lines, AS_OF)
    with duckdb.connect() as connection, pytest.MonkeyPatch.context() as patched:
        patched.setattr(history, "_BATCH_ROWS", at_a_time)
        for given_lines in (lines, connection.from_df(lines)):
            bits = read(given_lines, AS_OF)
            for name, values in vars(whole).items():
                assert np.array_equal(getattr(bits, name), values), name


def test_a_relation_read_and_lists_made_in_pieces_give_what_a_frame_gives() -> None:
    draws = np.random.default_rng(5)
    days = pd.Timestamp("2026-06-30") - pd.to_timedelta(draws.integers(0, 150, 3000), unit="D")
    lines = pd.DataFrame(
        {
            "customer_id": [f"c{who}" for who in draws.integers(0, 60, 3000)],
            "order_id": [f"o{day:%j}" for day in days],
            "order_date": days,
            "product_id": [f"p{draws.integers(0, 12)}" for _ in days],
        }
    )
    with duckdb.connect() as connection:
        there = run(connection.from_df(lines), AS_OF, settings=RecommendSettings(block_customers=7), streamed=True)
    assert there.customers == 0, "nothing is made before it is read"
    tables = [there.lists.read_all()]
    here = run(lines, AS_OF)
    tables.append(here.lists)
    assert (there.customers, there.catalogue_share) == (here.customers, here.catalogue_share) == (60, 1.0)
    keys = ["customer_id", "kind", "rank"]  # blocks of another size come in another order
    tables = [one.to_pandas().astype(str).sort_values(keys, ignore_index=True) for one in tables]
    pd.testing.assert_frame_equal(*tables)
    pd.testing.assert_frame_equal(there.grades, here.grades)
