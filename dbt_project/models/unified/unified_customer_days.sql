-- What each customer bought on each day: the only thing features read of 1.5 million lines.
with orders as (
    select * from {{ ref('unified_orders') }}
    where customer_id is not null
),

days as (
    select
        customer_id,
        order_date,
        cast(count(*) as bigint) as orders,
        cast(sum(case when is_weekend then 1 else 0 end) as bigint) as weekend_orders,
        cast(sum(case when has_coupon then 1 else 0 end) as bigint) as coupon_orders,
        cast(sum(sales_usd) as decimal(18, 2)) as sales_usd,
        cast(sum(retail_discount_usd) as decimal(18, 2)) as retail_discount_usd,
        cast(sum(private_brand_sales_usd) as decimal(18, 2)) as private_brand_sales_usd
    from orders
    group by customer_id, order_date
)

select * from days
