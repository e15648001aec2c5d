"""The SQL of the features, as dbt compiles it, on made-up events: no future, one customer at a time, any order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from orchestration.dbt import Dbt

START = date(2017, 1, 1)
DATES = [START + timedelta(days=day) for day in (200, 228, 256, 300)]
KINDS = ["web_session", "ticket", "complaint", "nps", "csat", "ticket_score", "touch_sent", "touch_clicked", "call"]
TABLES = {
    "customer_days": (
        "customer_id varchar, order_date date, orders bigint, weekend_orders bigint, coupon_orders bigint,"
        " online_orders bigint, line_count bigint, new_products bigint, sales_usd decimal(18,2),"
        " retail_discount_usd decimal(18,2), coupon_usd decimal(18,2), private_brand_sales_usd decimal(18,2),"
        " promoted_sales_usd decimal(18,2), returned_usd decimal(18,2)"
    ),
    "category_days": (
        "customer_id varchar, order_date date, department varchar, product_category varchar, bought_usd decimal(18,2)"
    ),
    "customer_activity": (
        "customer_id varchar, activity_date date, known_on date, activity varchar, activity_count bigint,"
        " last_score bigint"
    ),
    "customer_demographics": "customer_id varchar, fact varchar, known_on date, number bigint",
    "feature_dates": "as_of date, run_as_of date",
}
Events = dict[str, list[tuple]]

days = st.integers(0, 330).map(lambda day: START + timedelta(days=day))
customers = st.sampled_from(["A", "B", "Ç 客"])
small = st.integers(0, 9)
money = st.integers(-5_000, 50_000).map(lambda cents: cents / 100)
purchase = st.tuples(customers, days, st.integers(1, 4), small, small, small, small, small, *[money] * 6)
goods = st.tuples(customers, days, st.sampled_from("DEF"), st.sampled_from("abcd"), st.integers(0, 9_999).map(float))
activity = st.tuples(customers, days, st.integers(0, 60), st.sampled_from(KINDS), st.integers(1, 5), small)
fact = st.tuples(customers, st.sampled_from(["age_from_years", "kids_count"]), days, small)


@st.composite
def events(draw) -> Events:
    """Rows of every table; keys once, as the models that write them make sure."""
    bought = {row[:2]: row for row in draw(st.lists(purchase, min_size=1, max_size=25))}
    goods_of = {row[:4]: row for row in draw(st.lists(goods, max_size=25))}
    did = {}
    for who, on, later, kind, count, score in draw(st.lists(activity, max_size=15)):
        known_on = on + timedelta(days=later)
        scored = kind in ("nps", "csat", "ticket_score")
        did[who, on, known_on, kind] = (who, on, known_on, kind, count, score if scored else None)
    told = {row[:3]: row for row in draw(st.lists(fact, max_size=6))}
    return {
        "customer_days": list(bought.values()),
        "category_days": list(goods_of.values()),
        "customer_activity": list(did.values()),
        "customer_demographics": list(told.values()),
    }


@pytest.fixture(scope="module")
def features(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., pd.DataFrame]:
    """A function of events and dates to the rows of customer_features."""
    folder = Path(tmp_path_factory.mktemp("compiled"))
    compiled = Dbt(data_dir=str(folder)).invoke("compile", "--select", "unified_customer_features")
    sql = next(r.node.compiled_code for r in compiled.results if r.node.name == "unified_customer_features")
    connection = duckdb.connect()
    connection.execute("attach ':memory:' as warehouse; set default_null_order = 'nulls_last'")
    connection.execute("create schema warehouse.unified")
    for table, columns in TABLES.items():
        connection.execute(f"create table warehouse.unified.{table} ({columns})")

    def run(given_events: Events, dates: list[date]) -> pd.DataFrame:
        rows = {**given_events, "feature_dates": [(day, dates[-1]) for day in dates]}
        for table in TABLES:
            connection.execute(f"delete from warehouse.unified.{table}")
            if rows[table]:
                places = ", ".join("?" * len(rows[table][0]))
                connection.executemany(f"insert into warehouse.unified.{table} values ({places})", rows[table])
        return connection.sql(sql).df().astype({"customer_id": "string"})  # also of no rows

    return run


# One run of the SQL costs a third of a second: few examples of many rows, and no search for a smaller one.
quickly = settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])


def up_to(given_events: Events, day: date) -> Events:
    """What had happened, and was known, by the end of the day."""
    return {
        "customer_days": [row for row in given_events["customer_days"] if row[1] <= day],
        "category_days": [row for row in given_events["category_days"] if row[1] <= day],
        "customer_activity": [row for row in given_events["customer_activity"] if max(row[1:3]) <= day],
        "customer_demographics": [row for row in given_events["customer_demographics"] if row[2] <= day],
    }


@quickly
@given(events())
def test_nothing_after_a_date_changes_what_is_said_of_it(features, given_events: Events) -> None:
    everything = features(given_events, DATES)
    for day in DATES[1::2]:
        known = features(up_to(given_events, day), DATES)
        rows = [table[table.as_of == pd.Timestamp(day)].reset_index(drop=True) for table in (everything, known)]
        pd.testing.assert_frame_equal(*rows, check_exact=True)


@quickly
@given(events())
def test_a_customers_features_depend_on_nobody_else(features, given_events: Events) -> None:
    """But for the departments, which are the shop's biggest."""
    everything = features(given_events, DATES)
    everything = everything.drop(columns=[c for c in everything if c.startswith("department_")])
    for customer in sorted(everything.customer_id.unique())[:2]:
        own = {table: [row for row in rows if row[0] == customer] for table, rows in given_events.items()}
        alone = features(own, DATES)[list(everything.columns)]
        mine = everything[everything.customer_id == customer].reset_index(drop=True)
        pd.testing.assert_frame_equal(mine, alone, check_exact=True)


@quickly
@given(events(), st.randoms())
def test_neither_order_of_rows_nor_other_dates_matter(features, given_events: Events, chance) -> None:
    everything = features(given_events, DATES)
    shuffled = {table: chance.sample(rows, len(rows)) for table, rows in given_events.items()}
    pd.testing.assert_frame_equal(everything, features(shuffled, DATES), check_exact=True)
    fewer = features(given_events, [DATES[0], DATES[2]])  # the first says which departments are meant
    same = everything[everything.as_of.isin(fewer.as_of.unique())].reset_index(drop=True)
    pd.testing.assert_frame_equal(same, fewer, check_exact=True)


@quickly
@given(events())
def test_the_features_are_what_counting_by_hand_gives(features, given_events: Events) -> None:
    found = features(given_events, DATES).set_index(["customer_id", "as_of"])
    expected = {(row[0], day) for row in given_events["customer_days"] for day in DATES if row[1] <= day}
    assert {(who, when.date()) for who, when in found.index} == expected
    shares = [c for c in found if "_share_" in c]
    assert ((found[shares] >= 0) & (found[shares] <= 1)).all(axis=None)
    for (who, when), row in found.iterrows():
        own = sorted(r for r in given_events["customer_days"] if r[0] == who and r[1] <= when.date())
        gaps = [(b[1] - a[1]).days for a, b in zip(own, own[1:], strict=False)]
        ago = [(when.date() - r[1]).days for r in own]
        assert row.recency_days == min(ago) and row.tenure_days == max(ago)
        assert row.orders_84d == sum(r[2] for r, days_ago in zip(own, ago, strict=True) if days_ago < 84)
        assert row.spend_ever == pytest.approx(sum(r[8] for r in own), abs=0.005)
        if gaps:
            assert row.longest_gap_days == max(gaps) and row.last_gap_days == gaps[-1]
            assert row.gap_deviation_days == pytest.approx(pd.Series(gaps).std(), abs=1e-3, nan_ok=True)
        assert pd.isna(row.longest_gap_days) == (not gaps)
        goods_of = [r for r in given_events["category_days"] if r[0] == who and 0 <= (when.date() - r[1]).days < 84]
        assert row.distinct_categories_84d == len({r[3] for r in goods_of})
        assert 0 <= row.category_entropy_84d <= 1.38630  # of four kinds, at most ln 4
