-- Prevents: an order's totals that are not those of its lines, and lines of an order that is not
-- there.
{{ config(meta={'dagster': {'ref': {'name': 'orders'}}}) }}
with lines as (
    select
        order_id,
        count(*) as line_count,
        sum(sales_usd) as sales_usd
    from {{ ref('order_lines') }}
    group by order_id
)

select
    coalesce(orders.order_id, lines.order_id) as order_id,
    orders.sales_usd as order_usd,
    lines.sales_usd as lines_usd
from {{ ref('orders') }} as orders
full outer join lines on orders.order_id = lines.order_id
where orders.order_id is null
    or orders.line_count <> coalesce(lines.line_count, 0)
    or orders.sales_usd <> coalesce(lines.sales_usd, 0)
