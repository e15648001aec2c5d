"""The quarantine keeps each broken row with its reason, shows its shape only, and remembers since when."""

from datetime import date

import duckdb
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orchestration.contracts import QUARANTINE
from orchestration.validated.quarantine import failing_rows, merge
from orchestration.validated.rules import Rule


def _rule(name: str, fails_when: str, column: str | None = None, **change: str) -> Rule:
    settings = {"entity": "orders", "kind": "row", "severity": "quarantine", "reason": f"{name}!"} | change
    return Rule(name=name, fails_when=fails_when, column=column, **settings)


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema staged;
            create table staged.orders as
            select * from (values ('k1', 5, 'a@b.cn'), ('k2', -1, '王明 12'), ('k3', null, null), ('k4', -2, 'x''y'))
                as t (record_key, amount, note);
            """
        )
        yield connection


def test_each_broken_rule_of_a_row_is_a_line(warehouse):
    rules = [
        _rule("negative", "amount < 0", "amount"),
        _rule("noted", "note like '%1%'", "note"),
        _rule("only_warned", "amount < 0", severity="warn"),
    ]
    rows = failing_rows(warehouse, rules)
    assert list(rows[["record_key", "rule", "masked_value"]].itertuples(index=False, name=None)) == [
        ("k2", "negative", "-1"),
        ("k2", "noted", "xx 99"),
        ("k4", "negative", "-2"),
    ]


def test_an_unknown_comparison_is_no_failure(warehouse):
    assert "k3" not in set(failing_rows(warehouse, [_rule("negative", "amount < 0")])["record_key"])


def test_text_never_shows_a_value(warehouse):
    rows = failing_rows(warehouse, [_rule("any", "note is not null", "note")])
    assert list(rows["masked_value"]) == ["x@x.xx", "xx 99", "x'x"]


def _night(*keys: str) -> pd.DataFrame:
    columns = ["entity", "record_key", "rule", "reason", "masked_value"]
    return pd.DataFrame([("orders", key, "r", "why", None) for key in keys], columns=columns)


nights = st.lists(st.lists(st.sampled_from("abcde"), max_size=6), min_size=1, max_size=6)


@settings(max_examples=40, deadline=None)
@given(nights)
def test_over_many_nights_nothing_is_forgotten(sequence):
    quarantine = QUARANTINE.empty_table().to_pandas()
    for day, broken in enumerate(sequence, start=1):
        quarantine = merge(quarantine, _night(*sorted(broken)), date(2024, 1, day))
    shown = {row.record_key: row for row in quarantine.itertuples()}
    assert set(shown) == set().union(*sequence)
    assert len(shown) == len(quarantine), "a row and rule is one line, however often it came"
    for key, row in shown.items():
        days = [day for day, broken in enumerate(sequence, start=1) if key in broken]
        assert row.first_seen == date(2024, 1, days[0])
        assert row.last_seen == date(2024, 1, days[-1])
        assert row.is_current == (key in sequence[-1])


@settings(max_examples=40, deadline=None)
@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_the_same_night_twice_changes_nothing(first, second):
    start = merge(QUARANTINE.empty_table().to_pandas(), _night(*sorted(first)), date(2024, 1, 1))
    once = merge(start, _night(*sorted(second)), date(2024, 1, 2))
    pd.testing.assert_frame_equal(once, merge(once, _night(*sorted(second)), date(2024, 1, 2)), check_dtype=False)


def test_history_is_never_written_backwards():
    before = merge(QUARANTINE.empty_table().to_pandas(), _night("a"), date(2024, 1, 2))
    with pytest.raises(ValueError, match=r"speaks for 2024-01-01, but an earlier one spoke for 2024-01-02\. Remedy: "):
        merge(before, _night("a"), date(2024, 1, 1))
