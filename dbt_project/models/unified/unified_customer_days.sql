-- What each customer bought on each day: what features read of 1.5 million lines.
with orders as (
    select * from {{ ref('unified_orders') }}
    where customer_id is not null
),

first_purchases as (
    select
        customer_id,
        product_id,
        min(order_date) as order_date
    from {{ ref('unified_order_lines') }}
    where customer_id is not null and product_id is not null
    group by customer_id, product_id
),

new_products as (
    select
        customer_id,
        order_date,
        count(*) as new_products
    from first_purchases
    group by customer_id, order_date
),

days as (
    select
        customer_id,
        order_date,
        cast(count(*) as bigint) as orders,
        cast(sum(case when is_weekend then 1 else 0 end) as bigint) as weekend_orders,
        cast(sum(case when has_coupon then 1 else 0 end) as bigint) as coupon_orders,
        cast(sum(case when is_online then 1 else 0 end) as bigint) as online_orders,
        cast(sum(line_count) as bigint) as line_count,
        cast(sum(sales_usd) as decimal(18, 2)) as sales_usd,
        cast(sum(retail_discount_usd) as decimal(18, 2)) as retail_discount_usd,
        cast(sum(coupon_discount_usd + coupon_match_discount_usd) as decimal(18, 2)) as coupon_usd,
        cast(sum(private_brand_sales_usd) as decimal(18, 2)) as private_brand_sales_usd,
        cast(sum(promoted_sales_usd) as decimal(18, 2)) as promoted_sales_usd,
        cast(sum(returned_usd) as decimal(18, 2)) as returned_usd
    from orders
    group by customer_id, order_date
)

select
    days.customer_id,
    days.order_date,
    days.orders,
    days.weekend_orders,
    days.coupon_orders,
    days.online_orders,
    days.line_count,
    cast(coalesce(new_products.new_products, 0) as bigint) as new_products,
    days.sales_usd,
    days.retail_discount_usd,
    days.coupon_usd,
    days.private_brand_sales_usd,
    days.promoted_sales_usd,
    days.returned_usd
from days
left join new_products
    on days.customer_id = new_products.customer_id
    and days.order_date = new_products.order_date
