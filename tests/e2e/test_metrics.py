"""Every metric worked out once more from what the sources said, by queries that share nothing with the models."""

import duckdb
import pytest

from tests.e2e.conftest import Company

PERIODS = ("day", "week", "month")  # also what DuckDB's own date_trunc calls them; its weeks begin on Monday


@pytest.fixture(scope="module")
def sources(company: Company):
    """What the sources said last of every key, without what was set aside, up to the run's day."""
    with duckdb.connect() as connection:
        connection.execute(f"attach '{company.data.serving}' as serving (read_only); set timezone = 'UTC'")
        connection.execute("create table run as select max(as_of) as as_of from serving.marts.customers")
        connection.execute(f"create view quarantined as from '{company.data.lake}/quarantine/rows.parquet'")
        connection.execute(f"create view assignments as from '{company.data.lake}/identity/assignments.parquet'")
        _newest(connection, company, "erp", "orders", "order_id", "updated_at", "orders")
        _newest(
            connection, company, "erp", "order_lines", "order_id || '|' || line_number", "updated_at", "order_lines"
        )
        _newest(connection, company, "erp", "products", "product_id", "updated_at", "products")
        _newest(connection, company, "web", "events", "event_id", "_source_file", "web_events")
        _newest(connection, company, "survey", "responses", "response_id", "_source_file", "survey_responses")
        _newest(connection, company, "helpdesk", "tickets", "ticket_id", "updated_at", "support_cases")
        _newest(connection, company, "callcentre", "calls", "call_id", "_source_file", "calls")
        connection.execute(
            """
            create table purchases as
            select orders.order_id, customer_id, cast(ordered_at as date) as day, coalesce(money, 0) as money
            from orders left join assignments on assignments.record_key = md5('erp|' || account_id)
            left join (select order_id, sum(sales_value) as money from order_lines group by order_id) using (order_id)
            where cast(ordered_at as date) <= (select as_of from run)
            """
        )
        yield connection


def _newest(connection, company: Company, source: str, table: str, key: str, newest_by: str, entity: str) -> None:
    connection.execute(
        f"""
        create table {table} as
        select * from read_parquet('{company.data.raw}/{source}/{table}/*.parquet', union_by_name = true)
        where {key} is not null and md5('{source}|' || {key}) not in
            (select record_key from quarantined where entity = '{entity}' and is_current)
        qualify row_number() over (partition by {key} order by {newest_by} desc, _dlt_load_id desc) = 1
        """
    )


def _same(connection, expected: str, metrics: str, least_rows: int, of: str = "metrics", where: str = "true") -> None:
    """Both have the same rows, and at least so many of them."""
    published = f"select {metrics} from serving.marts.{of} where {where}"
    found = {tuple(row) for row in connection.sql(published).fetchall()}
    wanted = {tuple(row) for row in connection.sql(expected).fetchall()}
    assert len(wanted) >= least_rows
    assert wanted - found == set(), f"{len(wanted - found)} of {len(wanted)} are not published so"


@pytest.mark.parametrize("period", PERIODS)
def test_money_orders_and_buyers_of_the_company(sources, period):
    _same(
        sources,
        f"""
        with numbered as (
            select *, rank() over (partition by customer_id order by day) as place,
                count(*) over (partition by customer_id order by date_trunc('{period}', day)) as so_far from purchases
        )
        select cast(date_trunc('{period}', day) as date), cast(sum(money) as decimal(18, 2)), count(*),
            count(distinct customer_id), round(cast(sum(money) as double) / count(*), 6),
            round(count(distinct case when so_far >= 2 then customer_id end) / count(distinct customer_id), 6)
        from numbered group by all
        """,
        "period_start, revenue_usd, orders, active_customers, average_order_value_usd, repeat_purchase_rate",
        {"day": 300, "week": 50, "month": 12}[period],
        where=f"dimension = 'company' and period = '{period}'",
    )


@pytest.mark.parametrize("period", PERIODS)
def test_money_orders_and_repeats_of_customers_and_segments(sources, period):
    per_customer = f"""
        select customer_id, cast(date_trunc('{period}', day) as date) as start, sum(money) as money, count(*) as orders,
            sum(count(*)) over (partition by customer_id order by date_trunc('{period}', day)) >= 2 as is_repeat
        from purchases where customer_id is not null group by customer_id, date_trunc('{period}', day)
    """
    _same(
        sources,
        f"select customer_id, start, cast(money as decimal(18, 2)), orders, 1, cast(is_repeat as double)"
        f" from ({per_customer})",
        "customer_id, period_start, revenue_usd, orders, active_customers, repeat_purchase_rate",
        500,
        of="customer_metrics",
        where=f"period = '{period}'",
    )
    _same(
        sources,
        f"""
        select rfm_segment, start, cast(sum(money) as decimal(18, 2)), sum(orders)::bigint, count(*),
            round(avg(cast(is_repeat as double)), 6)
        from ({per_customer}) inner join serving.marts.customer_segments using (customer_id)
        where rfm_segment is not null group by all
        """,
        "member, period_start, revenue_usd, orders, active_customers, repeat_purchase_rate",
        30,
        where=f"dimension = 'rfm_segment' and period = '{period}'",
    )


@pytest.mark.parametrize("period", PERIODS)
def test_margin_where_a_cost_is_known(sources, period):
    """Of the company and of each customer: what came in for units with a cost, less that cost."""
    per_order = f"""
        select customer_id, cast(date_trunc('{period}', day) as date) as start, purchases.order_id,
            sum(sales_value - quantity * unit_cost) filter (where unit_cost is not null) as margin,
            sum(sales_value) filter (where unit_cost is not null) as sales
        from purchases inner join order_lines using (order_id) left join products using (product_id) group by all
    """
    figures = (
        "cast(sum(margin) as decimal(18, 2)),"
        " round(cast(sum(margin) as double) / nullif(cast(sum(sales) as double), 0), 6)"
    )
    _same(
        sources,
        f"select start, {figures} from ({per_order}) group by start having count(margin) > 0",
        "period_start, margin_usd, margin_rate",
        {"day": 300, "week": 50, "month": 12}[period],
        where=f"dimension = 'company' and period = '{period}'",
    )
    _same(
        sources,
        f"select customer_id, start, {figures} from ({per_order}) where customer_id is not null"
        " group by customer_id, start having count(margin) > 0",
        "customer_id, period_start, margin_usd, margin_rate",
        500,
        of="customer_metrics",
        where=f"period = '{period}'",
    )
    ((rate,),) = sources.sql(
        "select sum(margin_usd) / sum(revenue_usd) from serving.marts.metrics"
        " where dimension = 'company' and period = 'month'"
    ).fetchall()
    assert 0.05 < rate < 0.5


@pytest.mark.parametrize("period", PERIODS)
def test_who_came_back(sources, period):
    _same(
        sources,
        f"""
        with active as (
            select distinct customer_id, cast(date_trunc('{period}', day) as date) as start from purchases
            where customer_id is not null
        )
        select cast(before.start + interval 1 {period} as date), round(count(now.customer_id) / count(*), 6)
        from active as before left join active as now
            on now.customer_id = before.customer_id and now.start = before.start + interval 1 {period}
        where before.start + interval 1 {period} <= (select as_of from run) group by all
        """,
        "period_start, retention_rate",
        {"day": 300, "week": 49, "month": 11}[period],
        where=f"dimension = 'company' and period = '{period}'",
    )


def test_carts_answers_and_complaints_of_the_company(sources):
    month = "cast(date_trunc('month', {}) as date)".format
    by_run = "<= (select as_of from run)"
    where = "dimension = 'company' and period = 'month'"
    _same(
        sources,
        f"""
        with visits as (
            select min(try_cast(occurred_at as timestamptz)) as began, bool_or(event_type = 'add_to_cart') as has_cart,
                bool_or(event_type = 'purchase_confirmed') as has_bought
            from events where session_id <> '' group by session_id
        )
        select {month("began")}, round(avg(case when has_bought then 0 else 1 end), 6)
        from visits where has_cart and cast(began as date) {by_run} group by all
        """,
        "period_start, cart_abandonment_rate",
        6,
        where=where,
    )
    answers = "try_cast(answered_at as timestamptz)"
    _same(
        sources,
        f"""
        select {month(answers)}, round(100 * (count(*) filter (score::int >= 9) - count(*) filter (score::int <= 6))
            / count(*), 4)
        from responses where survey = 'nps' and score <> '' and cast({answers} as date) {by_run} group by all
        """,
        "period_start, round(nps, 4)",
        6,
        where=where,
    )
    _same(
        sources,
        f"""
        select {month(answers)}, round(avg(case when score::int >= 4 then 1 else 0 end), 6)
        from responses where survey = 'csat' and score <> '' and cast({answers} as date) {by_run} group by all
        """,
        "period_start, csat",
        6,
        where=where,
    )
    _same(
        sources,
        f"""
        select {month("happened")}, count(*) from (
            select try_cast(created_at as timestamptz) as happened, category from tickets
            union all select try_cast(started_at as timestamptz), reason from calls
        ) where lower(category) not in ('question', 'praise', 'suggestion', 'information', 'other')
            and cast(happened as date) {by_run} group by all
        """,
        "period_start, complaints",
        6,
        where=where,
    )
