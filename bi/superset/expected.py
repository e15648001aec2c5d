"""What each chart of the starter dashboard must show, asked another way, straight from the tables.

The way round differs from the chart's wherever the tables allow: departments through the catalogue, products and the
company's weeks from single order lines. SQL that DuckDB and PostgreSQL both take; columns in the chart's order.
"""

_WEEKS = """
    with span as (
        select (select min(order_date) from marts.orders) as first_day,
            (select max(as_of) from marts.publication) as as_of
    ),
    weeks as (
        select cast(date_trunc('week', orders.order_date) as date) as week_start, orders.sales_usd, orders.customer_id
        from marts.orders as orders
    )
    select week_start, {measure} from weeks cross join span
    where week_start >= span.first_day and week_start + 6 <= span.as_of group by week_start
"""

EXPECTED = {
    "Revenue by week": _WEEKS.format(measure="sum(sales_usd)"),
    "Active customers by week": _WEEKS.format(measure="count(distinct customer_id)"),
    "Revenue by week and department": """
        select cast(date_trunc('week', lines.order_date) as date), coalesce(products.department, 'UNCATEGORISED'),
            sum(lines.sales_usd)
        from marts.order_lines as lines left join marts.products as products on lines.product_id = products.product_id
        group by 1, 2
    """,
    "Orders by week and channel": """
        select cast(date_trunc('week', order_date) as date), channel, count(distinct order_id)
        from marts.orders group by 1, 2
    """,
    "Stores": """
        select stores.store_name, sum(lines.sales_usd), count(distinct lines.order_id),
            count(distinct lines.customer_id)
        from marts.order_lines as lines left join marts.stores as stores on lines.store_id = stores.store_id group by 1
    """,
    "Products with most revenue": """
        select product_id, product_category, sum(sales_usd), sum(quantity)
        from marts.order_lines where product_id is not null group by 1, 2
    """,
    "Customers by stage": """
        select (select lifecycle_stage from marts.customer_segments as segments
            where segments.customer_id = customers.customer_id), count(*)
        from marts.customers as customers group by 1
    """,
    "Expected spend by segment": """
        select segments.rfm_segment, sum(value.expected_spend_365d_usd), count(distinct customers.customer_id)
        from marts.customers as customers
        left join marts.customer_segments as segments on segments.customer_id = customers.customer_id
        left join marts.lifetime_value as value on value.customer_id = customers.customer_id group by 1
    """,
    "Customers at risk": """
        select reason, count(distinct customer_id), sum(expected_loss_usd) from marts.churn_warnings group by 1
    """,
    "Models beside their baselines": """
        select subject, metric, origin, sum(value) / count(value),
            sum(baseline_value) / nullif(count(baseline_value), 0), count(*)
        from marts.model_scorecard where dimension = 'all' group by 1, 2, 3
    """,
}
