"""The simulated year: the same every time, real purchases untouched, every broken row on record."""

import csv
import io
import json
from datetime import datetime
from decimal import Decimal

import duckdb
import pyarrow as pa
import pytest

from demo_company import world
from demo_company.journey import data_folder
from demo_company.schema import TABLES

SEED, SLICE = 2017, 150


@pytest.mark.slow
def test_the_same_seed_gives_the_same_world(slice_world: dict[str, pa.Table]) -> None:
    again = world.tables(SLICE, SEED)
    assert again.keys() == slice_world.keys()
    assert [name for name, rows in again.items() if not rows.equals(slice_world[name])] == []


@pytest.mark.slow
def test_another_seed_gives_other_people(slice_world: dict[str, pa.Table]) -> None:
    other = world.tables(20, SEED + 1)
    assert not other["erp_accounts"].slice(0, 5).equals(slice_world["erp_accounts"].slice(0, 5))


def test_real_purchases_are_untouched_to_the_cent(slice_db: duckdb.DuckDBPyConnection) -> None:
    """Lines that are not on record as broken are the package's own, column by column."""
    source = f"read_parquet('{data_folder()}/transactions.parquet')"
    slice_db.execute("""create or replace temp table kept as
        select * from erp_order_lines where order_id || '-' || line_number not in
            (select source_key from truth_broken_rows where table_name = 'order_lines')""")
    slice_db.execute(f"""create or replace temp table original as
        select * from {source} where basket_id in (select order_id::bigint from kept)""")
    money = ("sales_value", "retail_disc", "coupon_disc", "coupon_match_disc")
    ours = f"select order_id::bigint, product_id::bigint, quantity, {', '.join(money)} from kept"
    exact = ", ".join(f"{name}::decimal(12,2)" for name in money)
    theirs = f"select basket_id, product_id, quantity, {exact} from original"
    differs = slice_db.sql(f"({ours} except all {theirs}) union all ({theirs} except all {ours})").fetchall()
    assert differs == []
    whole = f"""select count(distinct household_id), sum(sales_value::decimal(12,2)) from {source}
        where household_id in (select household_id from original)"""
    households, sales = slice_db.sql(whole).fetchone()
    assert households == SLICE
    assert slice_db.sql("select sum(sales_value) from kept").fetchone()[0] == sales


def test_a_household_with_two_accounts_buys_with_the_first_one_first(
    slice_db: duckdb.DuckDBPyConnection,
) -> None:
    overlaps = slice_db.sql(
        """
        with spans as (
            select household_id, account_id, min(ordered_at) as first_at, max(ordered_at) as last_at,
                   any_value(created_at) as created_at
            from erp_orders
            inner join (select distinct account_id, created_at from erp_accounts) using (account_id)
            inner join truth_records on source_system = 'erp' and source_key = account_id
            where year(ordered_at) < 2099 and order_id not in (select source_key from truth_broken_rows)
            group by household_id, account_id
        )
        select count(*) filter (later.first_at < earlier.last_at),
               count(*) filter (earlier.first_at < earlier.created_at), count(*)
        from spans as earlier inner join spans as later using (household_id)
        where earlier.created_at < later.created_at"""
    ).fetchone()
    assert overlaps[:2] == (0, 0)
    assert overlaps[2] >= 0.15 * SLICE


ORDER, LINE = ("erp_orders", "order_id"), ("erp_order_lines", "order_id || '-' || line_number")


@pytest.mark.parametrize(
    ("place", "wrong", "defect"),
    [
        (ORDER, "account_id not in (select account_id from erp_accounts)", "unknown_account"),
        (ORDER, "year(ordered_at) = 2099", "ordered_in_2099"),
        (LINE, "sales_value < 0 and quantity > 0", "negative_sales_value"),
        (LINE, "order_id not in (select order_id from erp_orders)", "unknown_order"),
        (
            LINE,
            "order_id in (select order_id from erp_orders where year(ordered_at) = 2099)",
            "order_ordered_in_2099",
        ),
        (
            LINE,
            "order_id in (select source_key from truth_broken_rows where defect = 'unknown_account')",
            "order_unknown_account",
        ),
        (("helpdesk_tickets", "ticket_id"), "resolved_at < created_at", "resolved_before_created"),
    ],
)
def test_exactly_the_rows_on_record_are_broken(
    slice_db: duckdb.DuckDBPyConnection, place: tuple[str, str], wrong: str, defect: str
) -> None:
    name, key = place
    found = {row for (row,) in slice_db.sql(f"select distinct {key} from {name} where {wrong}").fetchall()}
    assert found == noted(slice_db, defect) != set()


@pytest.mark.parametrize(
    ("name", "key", "fields"),
    [
        ("crm_contacts", "contact_id", "given_name, family_name, email, phone"),
        ("crm_leads", "lead_id", "full_name, email, phone"),
    ],
)
def test_nobody_without_name_and_contact_point_but_for_those_on_record(
    slice_db: duckdb.DuckDBPyConnection, name: str, key: str, fields: str
) -> None:
    empty = slice_db.sql(f"select distinct {key} from {name} where coalesce({fields}) is null").fetchall()
    on_record = slice_db.execute(
        "select source_key from truth_broken_rows where table_name = ?", [name.removeprefix("crm_")]
    ).fetchall()
    assert sorted(empty) == sorted(on_record) != []


def noted(slice_db: duckdb.DuckDBPyConnection, defect: str) -> set[str]:
    """The keys on record for a defect."""
    rows = slice_db.execute("select source_key from truth_broken_rows where defect = ?", [defect]).fetchall()
    return {row for (row,) in rows}


def test_exactly_the_lines_on_record_are_broken(
    slice_world: dict[str, pa.Table], slice_db: duckdb.DuckDBPyConnection
) -> None:
    events, cut = [], []
    for line in slice_world["feed_web_events"]["line"].to_pylist():
        try:
            events.append(json.loads(line))
        except ValueError:
            cut.append(line[13:22])
    assert set(cut) == noted(slice_db, "malformed_json") and len(cut) >= 2
    bad, seen, twice = set(), set(), set()
    for event in events:
        try:
            datetime.fromisoformat(event["occurred_at"])
        except ValueError:
            bad.add(event["event_id"])
        (twice if event["event_id"] in seen else seen).add(event["event_id"])
    assert bad == noted(slice_db, "bad_timestamp") and len(bad) >= 2
    assert twice == noted(slice_db, "duplicate") and len(twice) >= 2

    calls = [json.loads(line) for line in slice_world["feed_calls"]["line"].to_pylist()]
    assert {c["call_id"] for c in calls if c["duration_s"] < 0} == noted(slice_db, "negative_duration") != set()
    header = world.CSV_HEADERS["feed_loyalty_members"]
    long = [
        row for row in slice_world["feed_loyalty_members"]["line"].to_pylist() if row.count(",") > header.count(",")
    ]
    assert {row.split(",")[0] for row in long} == noted(slice_db, "wrong_number_of_columns") and len(long) == 1


def test_survey_scores_are_possible_but_for_those_on_record(
    slice_world: dict[str, pa.Table], slice_db: duckdb.DuckDBPyConnection
) -> None:
    lines = "\n".join(
        [
            world.CSV_HEADERS["feed_survey_responses"],
            *slice_world["feed_survey_responses"]["line"].to_pylist(),
        ]
    )
    rows = list(csv.DictReader(io.StringIO(lines)))
    text = {row["response_id"] for row in rows if not row["score"].isdigit()}
    high = {row["response_id"] for row in rows if row["score"].isdigit() and int(row["score"]) > 10}
    assert text == noted(slice_db, "text_in_score") != set()
    assert high == noted(slice_db, "nps_above_10") != set()
    assert all(row["card_number"] or row["email"] for row in rows)


def test_keys_are_unique_per_version_and_updates_only_go_forward(slice_db: duckdb.DuckDBPyConnection) -> None:
    for table in TABLES:
        key = ", ".join(table.key)
        twice = slice_db.sql(f"select {key} from {table.world} group by {key}, updated_at having count(*) > 1")
        assert twice.fetchall() == [], table.world
        early = slice_db.sql(f"select count(*) from {table.world} where updated_at is null").fetchone()
        assert early == (0,)


def test_every_record_of_a_person_is_in_the_truth(slice_db: duckdb.DuckDBPyConnection) -> None:
    for system, name, key in (
        ("erp", "erp_accounts", "account_id"), ("crm", "crm_contacts", "contact_id"),
        ("crm", "crm_leads", "'lead:' || lead_id"), ("helpdesk", "helpdesk_users", "user_id"),
    ):  # fmt: skip
        missing = slice_db.sql(f"""
            select {key} from {name} where {key} not in
                (select source_key from truth_records where source_system = '{system}')
            and replace({key}, 'lead:', '') not in (select source_key from truth_broken_rows)""").fetchall()
        assert missing == [], name


@pytest.mark.parametrize(
    ("name", "column", "kind"),
    [
        ("erp_accounts", "account_name", "name"),
        ("erp_accounts", "phone", "phone"),
        ("crm_contacts", "email", "email"),
        ("crm_contacts", "street", "street"),
        ("crm_leads", "full_name", "name"),
        ("helpdesk_users", "email", "email"),
    ],
)
def test_identifiers_cover_what_the_systems_hold(
    slice_db: duckdb.DuckDBPyConnection, name: str, column: str, kind: str
) -> None:
    missing = slice_db.sql(f"""select {column} from {name} where {column} is not null and {column} not in
        (select "value" from truth_identifiers where kind = '{kind}')""").fetchall()
    assert missing == []


def test_list_price_is_the_median_unit_price(slice_db: duckdb.DuckDBPyConnection) -> None:
    prices = slice_db.sql("""
        select list_price, (select median(sales_value / quantity) from erp_order_lines
            where product_id = erp_products.product_id and quantity > 0 and sales_value > 0 and
            order_id || '-' || line_number not in (select source_key from truth_broken_rows)) as median_price
        from erp_products where list_price is not null order by product_id limit 50""").fetchall()
    assert all(
        abs(price - Decimal(median).quantize(Decimal("0.0001"))) <= Decimal("0.0051") for price, median in prices
    )


def test_most_products_have_a_cost_below_their_price(slice_db: duckdb.DuckDBPyConnection) -> None:
    priced, costed, least, most = slice_db.sql("""
        select count(*), count(unit_cost), min(unit_cost / list_price), max(unit_cost / list_price)
        from erp_products where list_price >= 1""").fetchone()
    assert 0.9 < costed / priced < 0.97
    assert least > 0.4 and most < 0.8
    assert slice_db.sql(
        "select count(unit_cost) from erp_products where coalesce(list_price, 0) < 0.09"
    ).fetchone() == (0,)
