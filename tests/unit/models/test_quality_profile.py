"""A profile counts exactly, looks no later than its night, and holds nothing by which somebody could be known."""

from datetime import date, datetime

import duckdb
import pandas as pd
import pytest

from models.quality import Watched, WatchSettings, newest, profile
from models.quality.profile import three_digits

DAY = date(2026, 3, 10)


@pytest.fixture
def connection():
    with duckdb.connect() as connection:
        yield connection


def _people(connection: duckdb.DuckDBPyConnection) -> None:
    """100 people, ten a day up to tonight, then ten of tomorrow; one in four has no e-mail."""
    connection.execute(
        """
        create table people as
        select cast(i as varchar) as record_key, 'Jane Doe ' || i as full_name,
            case when i % 4 > 0 then 'jane' || i || '@example.com' end as email,
            8005550000 + i as phone, 4000000000000000 + i as account_balance_usd,
            case when i < 60 then 'gold' when i < 95 then 'silver' when i < 99 then 'rare' else 'j@example.com' end
                as tier,
            i % 2 = 0 as is_vip, cast(i % 10 as double) as visits,
            timestamp '2026-03-01 12:00:00' + interval (i // 10) day as updated_at
        from range(110) as numbers(i)
        """
    )


def _value(found: pd.DataFrame, column: str, metric: str, rows_of: str = "all", category: str | None = None) -> float:
    rows = found[(found["column_name"] == column) & (found["metric"] == metric) & (found["rows_of"] == rows_of)]
    rows = rows[rows["category"] == category] if category else rows
    return rows["value"].item()


def test_counts_are_exact_and_stop_at_the_end_of_the_night(connection):
    _people(connection)
    watched = Watched("people", "updated_at", ("tier",))
    found = profile(connection, "people", watched, DAY, datetime(2026, 3, 8, 12))
    assert _value(found, "", "rows") == 100
    assert _value(found, "", "rows", "new") == 20
    assert newest(found) == datetime(2026, 3, 10, 12)
    assert _value(found, "email", "null_rate") == pytest.approx(0.25)
    assert _value(found, "email", "with_at_share") == 1
    assert _value(found, "email", "distinct_share") == 1
    assert _value(found, "is_vip", "true_share", "new") == 0.5
    assert _value(found, "visits", "zero_share") == pytest.approx(0.1)
    assert _value(found, "visits", "p50") == 5
    assert _value(found, "tier", "share", category="gold") == pytest.approx(0.6)


def test_no_identifier_gets_into_a_profile(connection):
    _people(connection)
    everything = ("tier", "full_name", "email")  # even declared by mistake
    found = profile(connection, "people", Watched("people", "updated_at", everything), DAY)
    kept = set(found["category"].dropna())
    assert kept == {"gold", "silver", "(other)"}
    assert _value(found, "tier", "share", category="(other)") == pytest.approx(0.05)
    assert not (set(found["column_name"]) & {"record_key"})
    assert set(found[found["column_name"] == "phone"]["metric"]) == {"null_rate"}
    balances = found[(found["column_name"] == "account_balance_usd") & found["metric"].isin(["p25", "p50", "p75"])]
    assert set(balances["value"]) == {4000000000000000.0}


def test_a_category_of_few_rows_or_many_letters_is_not_kept(connection):
    connection.execute(
        "create table notes as"
        " select case when i < 30 then repeat('x', 41) when i < 49 then 'few' else 'many' end as kind"
        " from range(100) as numbers(i)"
    )
    found = profile(connection, "notes", Watched("notes", categories=("kind",)), DAY)
    assert found.dropna(subset="category").set_index("category")["value"].to_dict() == {"many": 0.51, "(other)": 0.49}


def test_distinct_values_of_a_large_table_are_estimated_from_a_fixed_share(connection):
    connection.execute("create table many as select 'c' || (i % 40000) as customer from range(200000) as numbers(i)")
    exact = profile(connection, "many", Watched("many"), DAY)
    estimate = profile(connection, "many", Watched("many", settings=WatchSettings(exact_distinct=20_000)), DAY)
    assert _value(exact, "customer", "distinct_share") == pytest.approx(0.2)
    assert _value(estimate, "customer", "distinct_share") == pytest.approx(0.2, rel=0.05)


def test_a_large_table_is_read_for_its_recent_days_only(connection):
    _people(connection)
    found = profile(connection, "people", Watched("people", "updated_at", recent_days=3), DAY)
    assert _value(found, "", "rows") == 30


@pytest.mark.parametrize("table", ["select 1 as visits limit 0", "select cast(null as double) as visits"])
def test_an_empty_table_or_column_has_a_profile_too(connection, table):
    connection.execute(f"create table odd as {table}")
    found = profile(connection, "odd", Watched("odd"), DAY)
    assert _value(found, "", "rows") in (0, 1)
    assert found["value"].notna().all()


def test_the_same_rows_in_another_order_give_the_same_profile(connection):
    _people(connection)
    connection.execute("create table shuffled as select * from people order by hash(full_name)")
    watched = Watched("people", "updated_at", ("tier",))
    both = [profile(connection, table, watched, DAY, datetime(2026, 3, 8)) for table in ("people", "shuffled")]
    pd.testing.assert_frame_equal(*both, check_exact=True)


def test_three_digits_hide_a_number_and_show_a_shift():
    assert [three_digits(value) for value in (8005551234.0, 0.012345, -98765.0, 0.0)] == [8.01e9, 0.0123, -98800.0, 0.0]
