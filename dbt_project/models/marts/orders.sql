-- In the order of days, as order_lines.
with orders as (
    select * from {{ ref('unified_orders') }}
)

select
    order_id,
    customer_id,
    store_id,
    channel,
    ordered_at,
    order_date,
    line_count,
    units,
    sales_usd,
    retail_discount_usd,
    coupon_discount_usd,
    coupon_match_discount_usd,
    has_coupon
from orders
order by order_date, order_id
