"""Declared segments: members, priority, overlap; what asks for more than a customer's own columns is refused."""

from __future__ import annotations

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.segments import PROFILE, CustomSegment, custom_segments, declared
from models.segments.conditions import ConditionError, check

SEGMENTS = [
    CustomSegment("late", "silent", 20, "lifecycle_stage in ('at risk', 'lapsed')"),
    CustomSegment("big", "much money", 10, "sales_usd >= 100"),
    CustomSegment("nobody", "", 30, "orders < 0"),
]
CONNECTION = duckdb.connect()
PEOPLE = pd.DataFrame(
    {
        "customer_id": ["A", "B", "C", "顾客"],
        "lifecycle_stage": ["at risk", "active", None, "lapsed"],
        "sales_usd": [100.0, 500.0, None, float("nan")],
    }
)


def test_members_priority_and_overlap() -> None:
    found = custom_segments(PEOPLE, "2017-12-31", SEGMENTS)
    rows = list(found.members[["segment", "customer_id", "priority", "place"]].itertuples(index=False, name=None))
    assert rows == [("big", "A", 10, 1), ("big", "B", 10, 1), ("late", "A", 20, 2), ("late", "顾客", 20, 1)]
    both = found.overlap.set_index(["segment", "other_segment"])
    assert both.customers_in_both["big", "late"] == both.customers_in_both["late", "big"] == 1
    assert tuple(both.loc[("late", "nobody"), ["customers", "other_customers", "customers_in_both"]]) == (2, 0, 0)
    assert set(both.all_customers) == {4} and len(both) == 6


@given(st.permutations(range(4)), st.permutations(range(3)))
@settings(max_examples=3, deadline=None)
def test_order_changes_nothing(rows, segments) -> None:
    first = custom_segments(PEOPLE, "2017-12-31", SEGMENTS)
    again = custom_segments(PEOPLE.iloc[list(rows)], "2017-12-31", [SEGMENTS[k] for k in segments])
    pd.testing.assert_frame_equal(again.members, first.members)
    pd.testing.assert_frame_equal(again.overlap, first.overlap)


def test_nobody_declared_and_nobody_there() -> None:
    assert custom_segments(PEOPLE, "2017-12-31", []).members.empty
    empty = custom_segments(PEOPLE.iloc[:0], "2017-12-31", SEGMENTS)
    assert empty.members.empty and set(empty.overlap.customers) == {0}


@pytest.mark.parametrize(
    "condition",
    [
        "orders > 1 and country in ('US', 'GB') or not (language is null)",
        "first_order_date >= date '2017-01-01'",
        "lower(interest_segment) like '%baby%' -- and no more",
        "case when orders > 1 then is_at_risk else false end",
        "spend_84d / nullif(orders_84d, 0) between 3 and 5",
        "true",
    ],
)
def test_questions_about_a_customer_are_fine(condition: str) -> None:
    check(condition, PROFILE, CONNECTION)


@pytest.mark.parametrize(
    ("condition", "said"),
    [
        ("ordrs > 1", "no column ordrs, did you mean orders"),
        ('country = "US"', "text is written in single quotes"),
        ("lifecycle_stage = 'at-risk'", "never 'at-risk', did you mean at risk"),
        ("lifecycle_stage in ('new', 'lost')", "never 'lost'"),
        ("orders", "true or false is expected, this gives bigint"),
        ("churn_probability > 'high'", "high"),
        ("orders >", "not readable as SQL"),
        ("orders in (select 1)", "a query in it is not allowed"),
        ("read_text('/etc/hostname') = ''", "the function read_text is not allowed"),
        ("current_date > last_order_date", "no column current_date"),
        ("random() > 0.5", "the function random is not allowed"),
        ("count(*) > 1", "not allowed"),
        ("orders > $1", "a parameter is not allowed"),
        ("1=1) where (2=2", "brackets do not match"),
        ("true) from customers; drop table customers; select (1", "not readable"),
        ("rank() over () > 1", "not allowed"),
    ],
)
def test_everything_else_is_refused_in_one_line(condition: str, said: str) -> None:
    with pytest.raises(ConditionError) as caught:
        check(condition, PROFILE, CONNECTION)
    assert said in str(caught.value) and "\n" not in str(caught.value)


@given(st.text(max_size=30))
@settings(max_examples=50, deadline=None)
def test_no_text_does_more_than_pass_or_be_refused(text: str) -> None:
    try:
        check(text, PROFILE, CONNECTION)
    except ConditionError as error:
        assert "\n" not in str(error)


def test_mistakes_of_a_declaration_are_told_together() -> None:
    wrong = [*SEGMENTS, CustomSegment("late", "again", 20, "ordrs > 1")]
    assert declared(SEGMENTS) == []
    assert [line.split(":")[0] for line in declared(wrong)] == ["late", "late"]
    other = [*SEGMENTS, CustomSegment("other", "", 10, "orders > 1")]
    assert declared(other) == ["other: priority 10 is that of big; each needs its own"]
    with pytest.raises(ValueError, match="other: priority"):
        custom_segments(PEOPLE, "2017-12-31", other)
