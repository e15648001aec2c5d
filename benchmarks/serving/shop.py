"""A published file of a generated shop: the marts that dashboards ask, with the columns and types of their contracts.

Skewed as shops are: few products, stores and customers make most of the lines, the year has a season, the shop grows.
Every draw is a hash of the row's number, so the same size gives the same file. Order ids say nothing of time, the worst
case for a reader of some weeks. Rows lie as the models of dbt say in their last line.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import duckdb
import yaml

from orchestration.paths import DBT_PROJECT_DIR

_MARTS = DBT_PROJECT_DIR / "models/marts"
LAST_DAY = date(2025, 12, 31)
DAYS = 3 * 365
LINES_PER_ORDER, ORDERS_PER_CUSTOMER, PRODUCTS, STORES = 10, 3, 60_000, 400
CHANNELS = "['store', 'store', 'store', 'web', 'app']"


def _draw(salt: str, *of: str) -> str:
    """SQL of a number in [0, 1) that depends on columns alone."""
    return f"(hash({', '.join(of)}, '{salt}') / 18446744073709551616.0)"


def write(path: Path, lines: int, memory: str = "4GB") -> int:
    """Write the file with about `lines` order lines; returns how many they are."""
    orders = max(lines // LINES_PER_ORDER, 1)
    customers = max(orders // ORDERS_PER_CUSTOMER, 1)
    path.unlink(missing_ok=True)
    with duckdb.connect(str(path), config={"memory_limit": memory}) as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("create schema marts")
        for table, question in _questions(orders, customers).items():
            if table.startswith("draft_"):
                connection.execute(f"create temp table {table} as {question}")
            else:
                _publish(connection, table, question)
        connection.execute("checkpoint")
        return connection.execute("select count(*) from marts.order_lines").fetchone()[0]


def _publish(connection: duckdb.DuckDBPyConnection, table: str, question: str) -> None:
    """A mart from a question that gives some of its columns; the others are empty."""
    columns = _contracts()[table]
    given = {name for name, *_ in connection.execute(f"describe {question}").fetchall()}
    if strange := given - set(columns):
        raise ValueError(f"{table}: not in the contract: {', '.join(sorted(strange))}")
    typed = ", ".join(
        f"cast({f'given.{name}' if name in given else 'null'} as {kind}) as {name}" for name, kind in columns.items()
    )
    connection.execute(f"create table marts.{table} as select {typed} from ({question}) as given {_order(table)}")


@cache
def _contracts() -> dict[str, dict[str, str]]:
    return {
        model["name"]: {column["name"]: column["data_type"] for column in model["columns"]}
        for file in sorted(_MARTS.glob("_marts__*.yml"))
        for model in yaml.safe_load(file.read_text("utf-8")).get("models", [])
    }


def _order(table: str) -> str:
    """How the model sorts what is published: its last line, as far as it names columns of the mart."""
    last = (_MARTS / f"{table}.sql").read_text("utf-8").rstrip().splitlines()[-1]
    found = re.fullmatch(r"order by ([a-z0-9_., ]+)", last)
    if not found:
        raise ValueError(f"{table}.sql does not end with its order: {last}")
    named = [re.sub(r"^[a-z_]+\.", "", part.strip()) for part in found[1].split(",")]
    return "order by " + ", ".join([part for part in named if part.split()[0] in _contracts()[table]] or ["1"])


def _questions(orders: int, customers: int) -> dict[str, str]:
    """SQL by table, in the order they are made."""
    first = LAST_DAY - timedelta(days=DAYS - 1)
    day = f"date '{first}' + cast(floor({DAYS} * pow({_draw('day', 'range')}, 0.8)) as int)"
    return {
        "products": f"""
            select 'P' || range as product_id, 'Maker ' || range % 500 as manufacturer_id,
                'Department ' || cast(floor(25 * pow({_draw("department", "range % 250")}, 2)) as int) as department,
                case when {_draw("brand", "range")} < 0.3 then 'Private' else 'National' end as brand,
                'Category ' || range % 250 as product_category, 'Type ' || range % 2000 as product_type,
                1 + 20 * {_draw("price", "range")} as list_price_usd
            from range({PRODUCTS})""",
        "stores": f"""
            select 'S' || range as store_id, 'Market #' || range as store_name, 'City ' || range % 90 as city,
                date '2000-01-01' + cast(range as int) as opened_on from range({STORES})""",
        "dates": f"""
            select cast(range as date) as date_day, cast(date_trunc('week', range) as date) as week_start,
                cast(date_trunc('month', range) as date) as month_start, year(range) as year_number, true as is_past
            from range(timestamp '{first}', timestamp '{LAST_DAY}' + interval 1 day, interval 1 day)""",
        "draft_customers": f"""
            select range as number, 'C' || substr(md5(cast(range as varchar)), 1, 15) as customer_id,
                ['US', 'US', 'US', 'DE', 'FR', 'CN', null][1 + cast(floor(7 * {_draw("country", "range")}) as int)]
                    as country,
                cast(floor(11 * {_draw("segment", "range")}) as int) as segment from range({customers})""",
        "draft_orders": f"""
            select range as number, substr(md5(range || 'order'), 1, 20) as order_id,
                cast(floor({customers} * pow({_draw("customer", "range")}, 2)) as bigint) as customer,
                cast(floor({STORES} * pow({_draw("store", "range")}, 1.6)) as int) as store, {day} as order_date,
                {CHANNELS}[1 + cast(floor(5 * {_draw("channel", "range")}) as int)] as channel,
                1 + cast(floor(-{LINES_PER_ORDER - 0.5} * ln(1 - {_draw("lines", "range")})) as int) as line_count
            from range({orders})""",
        "draft_lines": f"""
            select orders.order_id, orders.order_date, orders.store, orders.customer, line_number,
                cast(floor({PRODUCTS} * pow({_draw("product", "number", "line_number")}, 3)) as bigint) as product,
                1 + cast(floor(3 * pow({_draw("quantity", "number", "line_number")}, 4)) as bigint) as quantity
            from (select *, unnest(range(1, line_count + 1)) as line_number from draft_orders) as orders""",
        "order_lines": """
            select lines.order_id || '|' || line_number as order_line_id, lines.order_id, line_number,
                customers.customer_id, 'S' || store as store_id, products.product_id, true as has_known_product,
                department, product_category, order_date, quantity, quantity * list_price_usd as sales_usd,
                0 as retail_discount_usd, 0 as coupon_discount_usd, 0 as coupon_match_discount_usd,
                product % 7 = 0 as is_promoted
            from draft_lines as lines join draft_customers as customers on lines.customer = customers.number
            join marts.products as products on products.product_id = 'P' || product""",
        "orders": """
            select order_id, any_value(customer_id) as customer_id, any_value(store_id) as store_id,
                any_value(drafts.channel) as channel, any_value(drafts.order_date) + interval 12 hour as ordered_at,
                any_value(drafts.order_date) as order_date, count(*) as line_count, sum(quantity) as units,
                sum(sales_usd) as sales_usd, 0 as retail_discount_usd, 0 as coupon_discount_usd,
                0 as coupon_match_discount_usd, false as has_coupon
            from marts.order_lines join draft_orders as drafts using (order_id) group by order_id""",
        "product_weeks": """
            select md5(product_id || '|' || week) as product_weeks_id, product_id, week as week_start,
                true as has_known_product,
                any_value(department) as department, any_value(product_category) as product_category,
                count(*) as line_count, count(distinct order_id) as orders, sum(quantity) as units,
                sum(sales_usd) as sales_usd, 0 as retail_discount_usd
            from (select *, cast(date_trunc('week', order_date) as date) as week from marts.order_lines)
            group by product_id, week""",
        **_of_customers(),
        **_of_the_rest(),
    }


def _of_customers() -> dict[str, str]:
    return {
        "customers": f"""
            select drafts.customer_id, 'H' || number // 2 as household_id, date '{LAST_DAY}' as as_of,
                case when orders.orders > 0 then 'customer' else 'prospect' end as customer_kind, country,
                ['25-34', '35-44', '45-54'][1 + number % 3] as age_band, 1 + number % 4 as record_count,
                2 as source_system_count, 0.99 as match_probability, first_order_date, last_order_date,
                coalesce(orders.orders, 0) as orders, coalesce(sales_usd, 0) as sales_usd,
                date '{LAST_DAY}' - last_order_date as recency_days, sales_usd / orders.orders as basket_usd
            from draft_customers as drafts left join (
                select customer_id, count(*) as orders, sum(sales_usd) as sales_usd,
                    min(order_date) as first_order_date, max(order_date) as last_order_date from marts.orders group by 1
            ) as orders using (customer_id)""",
        "customer_segments": f"""
            select customer_id, date '{LAST_DAY}' as as_of,
                ['active', 'loyal', 'at risk', 'lapsed', 'new'][1 + segment % 5] as lifecycle_stage,
                'Group ' || segment as rfm_segment, 'Behaviour ' || segment % 6 as behaviour_segment,
                ['frequent', 'occasional', 'former'][1 + segment % 3] as frequency_group
            from draft_customers""",
        "churn_scores": f"""
            select customer_id, date '{LAST_DAY}' as as_of, 'model' as model,
                {_draw("churn", "customer_id")} as churn_probability, 0.5 as baseline_probability,
                churn_probability > 0.8 as is_at_risk, sales_usd / 10 as expected_spend_usd,
                churn_probability * sales_usd / 10 as expected_loss_usd, 'Reason ' || number % 40 as reason,
                reason as reasons
            from marts.customers join draft_customers using (customer_id) where orders > 0""",
        "churn_warnings": """
            select row_number() over (order by expected_loss_usd desc, customer_id) as warning_rank, customer_id, as_of,
                churn_probability, expected_spend_usd, expected_loss_usd, reason, reasons
            from marts.churn_scores where is_at_risk""",
        "lifetime_value": f"""
            select customer_id, date '{LAST_DAY}' as as_of, 'model' as model, 0.8 as probability_alive,
                sales_usd / 30 as expected_spend_30d_usd, sales_usd / 10 as expected_spend_90d_usd,
                sales_usd / 3 as expected_spend_365d_usd, 'its rhythm' as reason
            from marts.customers where orders > 0""",
        "customer_id_redirects": """
            select customer_id as redirect_id, customer_id, customer_id as current_customer_id, 1 as records,
                true as is_main from marts.customers""",
        "recommendations": """
            select customer_id, as_of, 'new_product' as kind, unnest(range(1, 11)) as rank,
                'P' || (hash(customer_id, rank) % 60000) as product_id, 'Department 1' as department,
                'Category ' || (hash(customer_id, rank) % 250) as product_category, 0.5 as score,
                'others buy it' as reason
            from marts.churn_scores""",
    }


def _of_the_rest() -> dict[str, str]:
    periods = "unnest(['day', 'week', 'month']) as period"
    start = "cast(date_trunc(period, order_date) as date) as period_start"
    complete = f"period_start < date_trunc(period, date '{LAST_DAY}') as is_complete"
    figures = (
        "sum(sales_usd) as revenue_usd, count(*) as orders, count(distinct customer_id) as active_customers,"
        " sum(sales_usd) / count(*) as average_order_value_usd, 0.5 as repeat_purchase_rate, 0.5 as retention_rate"
    )
    return {
        "metrics": f"""
            select md5(dimension || member || period || period_start) as metrics_id, *, {complete} from (
                select 'company' as dimension, 'all' as member, period, period_start, {figures}
                from (select *, {start} from (select *, {periods} from marts.orders)) group by period, period_start
                union all
                select dimension, member, period, period_start, {figures}
                from (
                    select *, unnest([lifecycle_stage, rfm_segment]) as member,
                        unnest(['lifecycle_stage', 'rfm_segment']) as dimension, {start}
                    from (select orders.*, lifecycle_stage, rfm_segment, {periods} from marts.orders as orders
                        join marts.customer_segments using (customer_id))
                ) group by dimension, member, period, period_start)""",
        "customer_metrics": f"""
            select md5(customer_id || period || period_start) as customer_metrics_id, *, {complete} from (
                select customer_id, period, period_start, {figures}
                from (select *, {start} from (select *, {periods} from marts.orders))
                group by customer_id, period, period_start)""",
        "web_sessions": """
            select 'W' || order_id as session_id, customer_id, true as is_logged_in, ordered_at as started_at,
                order_date as session_date, 60 as duration_s, 9 as event_count, 5 as page_views, 1 as cart_adds,
                1 as purchases, false as is_abandoned_cart from marts.orders where channel <> 'store'""",
        "support_cases": """
            select 'T' || order_id as case_id, customer_id, 'helpdesk' as source_system, 'delivery' as category,
                'normal' as priority, 'solved' as status, hash(order_id) % 3 = 0 as is_complaint,
                ordered_at as opened_at, order_date as opened_date, 4 as satisfaction
            from marts.orders where hash(order_id) % 20 = 0""",
        "model_scorecard": f"""
            select 'churn' as subject, date '{LAST_DAY}' - cast(range as int) as as_of, 'night' as origin,
                28 as horizon_days, 'model' as model, 'all' as dimension, 'all' as member, 'auc' as metric,
                0.7 as value, 0.6 as baseline_value from range(400)""",
    }
