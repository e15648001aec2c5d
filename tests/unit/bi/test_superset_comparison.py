"""The comparison of Superset's numbers with the tables' notices what is wrong."""

import re
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bi.superset.check import _same, _value
from bi.superset.starter import question, starter
from orchestration.paths import DBT_PROJECT_DIR

rows = st.lists(st.tuples(st.text(max_size=3), st.integers(-(10**6), 10**6).map(float)), max_size=8, unique=True)


@given(rows, st.randoms())
def test_the_order_of_rows_does_not_matter(wanted, random) -> None:
    shown = list(wanted)
    random.shuffle(shown)
    assert _same(shown, wanted, None, measures=1)[0]


@given(rows.filter(len), st.integers(0, 7))
def test_a_cent_more_in_one_row_is_noticed(wanted, place) -> None:
    shown = list(wanted)
    name, value = shown[place % len(shown)]
    shown[place % len(shown)] = (name, value + 0.01)
    assert not _same(shown, wanted, None, measures=1)[0]


@given(rows.filter(len))
def test_a_row_that_is_missing_or_doubled_is_noticed(wanted) -> None:
    assert not _same(wanted[1:], wanted, None, measures=1)[0]
    assert not _same([*wanted, wanted[0]], wanted, None, measures=1)[0]


def test_a_list_cut_at_the_largest_must_have_the_largest() -> None:
    wanted = [("a", 3.0), ("b", 2.0), ("c", 2.0), ("d", 1.0)]
    assert _same([("a", 3.0), ("c", 2.0)], wanted, 2, measures=1)[0]
    assert not _same([("a", 3.0), ("d", 1.0)], wanted, 2, measures=1)[0]
    assert not _same([("a", 3.0), ("e", 2.0)], wanted, 2, measures=1)[0]


@pytest.mark.parametrize(
    ("said", "name", "plain"),
    [
        (1513555200000.0, "order_date", "2017-12-18"),
        (date(2017, 12, 18), "", "2017-12-18"),
        (Decimal("12.344"), "", 12.34),
        (True, "", True),
        (None, "revenue", None),
        (3, "orders", 3.0),
    ],
)
def test_both_sides_say_a_value_the_same_way(said, name, plain) -> None:
    found = _value(said, name)
    assert found == plain and type(found) is type(plain)


def test_a_question_groups_by_the_grain_and_keeps_the_filters_of_its_chart() -> None:
    (asked,) = question(starter()["charts"]["Revenue by week"], 7)["queries"]
    assert asked["columns"][0]["timeGrain"] == "P1D" and asked["columns"][0]["label"] == "period_start"
    assert {"col": "dimension", "op": "==", "val": "company"} in asked["filters"]


def test_the_exposure_names_every_table_that_the_dashboard_asks() -> None:
    """So that dbt tells who reads a table before somebody changes it."""
    named = set(re.findall(r"ref\('(\w+)'\)", (DBT_PROJECT_DIR / "models/exposures_superset.yml").read_text("utf-8")))
    used = {chart["dataset"] for chart in starter()["charts"].values()}
    asked = {name: (starter()["datasets"][name] or {}).get("sql") for name in used}
    tables = {table for sql in asked.values() if sql for table in re.findall(r"marts\.([a-z_0-9]+)", sql)}
    assert named == tables | {name for name, sql in asked.items() if not sql}
