"""The quarantine keeps each broken row with its reason, shows its shape only, and remembers since when."""

from datetime import date
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orchestration.contracts import QUARANTINE
from orchestration.lake import Lake
from orchestration.validated.quarantine import Tally, batches, find_failing, merge
from orchestration.validated.rules import Rule, validate_rule


def _rule(name: str, fails_when: str, column: str | None = None, entity: str = "orders", **change: str) -> Rule:
    declared = {"kind": "row", "severity": "quarantine", "reason": f"{name}!", "since": "2026-11-21", "why": "A test."}
    return validate_rule(entity, declared | {"name": name, "fails_when": fails_when, "column": column} | change)


@pytest.fixture
def warehouse():
    with duckdb.connect() as connection:
        connection.execute(
            """
            create schema staged;
            create table staged.orders as
            select * from (values ('k1', 5, 'a@b.cn'), ('k2', -1, '王明 12'), ('k3', null, null), ('k4', -2, 'x''y'))
                as t (record_key, amount, note);
            create view staged.promotions as select * from staged.orders;
            """
        )
        yield connection


def _found(warehouse: duckdb.DuckDBPyConnection, *rules: Rule) -> list[tuple]:
    find_failing(warehouse, rules)
    return warehouse.sql("select record_key, rule, masked_value from failing order by all").fetchall()


@pytest.mark.parametrize("entity", ["orders", "promotions"])
def test_each_broken_rule_of_a_row_is_a_line(warehouse, entity):
    rules = [
        _rule("negative", "amount < 0", "amount", entity=entity),
        _rule("noted", "note like '%1%'", "note", entity=entity),
        _rule("only_warned", "amount < 0", severity="warn", entity=entity),
    ]
    assert _found(warehouse, *rules) == [
        ("k2", "negative", "-1"),
        ("k2", "noted", "xx 99"),
        ("k4", "negative", "-2"),
    ]


def test_an_unknown_comparison_is_no_failure(warehouse):
    assert _found(warehouse, _rule("negative", "amount < 0")) == [("k2", "negative", None), ("k4", "negative", None)]


@pytest.mark.parametrize(
    ("value", "shape"),
    [
        ("a@b.cn", "x@x.xx"),
        ("王明", "xx"),
        ("Zoë O'Neill-Łęcki", "xxx x'xxxxx-xxxxx"),
        ("नमस्ते", "xxxxxx"),
        ("tok_3f9a1c77de", "xxx_*****"),
        ("A990001", "*****"),
        ("2017-02-30T10:00:00Z", "9999-99-99 99:99:*****"),
        ("FranÃ§ois 👩", "xxxxx?xxx ?"),
        ("l" * 5_000_000, "x" * 40),
        ("", ""),
    ],
)
def test_text_never_shows_a_value(warehouse, value, shape):
    warehouse.execute("update staged.orders set note = ? where record_key = 'k1'", [value])
    assert _found(warehouse, _rule("any", "record_key = 'k1'", "note")) == [("k1", "any", shape)]


@settings(max_examples=12, deadline=None)
@given(st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=40))
def test_no_letter_or_digit_of_any_script_is_shown(values):
    with duckdb.connect() as connection:
        connection.execute("create schema staged; create table staged.orders (record_key varchar, note varchar)")
        connection.execute(
            "insert into staged.orders select '', unnest(?)", [[value.replace("\0", "") for value in values]]
        )
        shapes = [shape for _, _, shape in _found(connection, _rule("any", "true", "note"))]
    assert len(shapes) == len(values)
    assert all(character in "x9*" or not character.isalnum() for shape in shapes for character in shape)
    assert all(shape.isascii() and len(shape) <= 40 for shape in shapes)


def test_numbers_of_people_and_keys_are_shapes_and_measures_are_not(warehouse):
    warehouse.execute(
        "create table staged.customer_records as select 'k' as record_key, date '2031-02-03' as birth_date;"
        "create table staged.calls as select 'k' as record_key, 123456 as contact_id, -7 as duration_s"
    )
    rules = [
        _rule("birth", "true", "birth_date", entity="customer_records"),
        _rule("contact", "true", "contact_id", entity="calls"),
        _rule("duration", "true", "duration_s", entity="calls"),
    ]
    assert [shape for _, _, shape in _found(warehouse, *rules)] == ["9999-99-99", "999999", "-7"]


class Nights:
    """A quarantine file and the nights that write it."""

    def __init__(self, folder: Path) -> None:
        self.lake = Lake(data_dir=str(folder))
        self.file = folder / "lake" / "quarantine" / "rows.parquet"

    def run(self, day: int, broken: str) -> list[Tally]:
        with duckdb.connect() as connection:
            connection.execute("create schema staged; create table staged.orders (record_key varchar)")
            if broken:
                connection.executemany("insert into staged.orders values (?)", [[key] for key in broken])
            find_failing(connection, [_rule("r", "true")])
            tallies = merge(connection, self.file, date(2024, 1, day))
            self.lake.write_batches("quarantine/rows.parquet", batches(connection), QUARANTINE)
        return tallies


nights = st.lists(st.text("abcde", max_size=6), min_size=1, max_size=5)


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(nights)
def test_over_many_nights_nothing_is_forgotten(tmp_path_factory, sequence):
    quarantine = Nights(tmp_path_factory.mktemp("nights"))
    for day, broken in enumerate(sequence, start=1):
        quarantine.run(day, broken)
    rows = pq.read_table(quarantine.file).to_pylist()
    shown = {row["record_key"]: row for row in rows}
    assert set(shown) == set().union(*sequence)
    assert [row["record_key"] for row in rows] == sorted(shown), "a row and rule is one line, in order"
    for key, row in shown.items():
        days = [day for day, broken in enumerate(sequence, start=1) if key in broken]
        assert row["first_seen"] == date(2024, 1, days[0])
        assert row["last_seen"] == date(2024, 1, days[-1])
        assert row["is_current"] == (key in sequence[-1])


def test_the_same_night_twice_gives_the_same_bytes(tmp_path):
    quarantine = Nights(tmp_path)
    quarantine.run(1, "abc")
    quarantine.run(2, "bcdd")
    once = quarantine.file.read_bytes()
    quarantine.run(2, "dcb")
    assert quarantine.file.read_bytes() == once


def test_what_is_new_and_what_returned_is_told(tmp_path):
    quarantine = Nights(tmp_path)
    [first] = quarantine.run(1, "ab")
    [second] = quarantine.run(2, "bcd")
    assert (first.rows, first.new, first.returned) == (2, 2, 0)
    assert (second.rows, second.new, second.returned, second.first_seen) == (3, 2, 1, date(2024, 1, 1))


def test_history_is_never_written_backwards(tmp_path):
    quarantine = Nights(tmp_path)
    quarantine.run(2, "a")
    with pytest.raises(ValueError, match=r"speaks for 2024-01-01, but an earlier one spoke for 2024-01-02\. Remedy: "):
        quarantine.run(1, "a")


def test_a_quarantine_written_before_it_knew_severities_is_read(tmp_path):
    quarantine = Nights(tmp_path)
    quarantine.run(1, "ab")
    old = pq.read_table(quarantine.file).drop_columns(["severity"])
    pq.write_table(old, quarantine.file)
    quarantine.run(2, "b")
    rows = pq.read_table(quarantine.file).to_pylist()
    assert [(row["record_key"], row["severity"], row["is_current"]) for row in rows] == [
        ("a", "quarantine", False),
        ("b", "quarantine", True),
    ]
