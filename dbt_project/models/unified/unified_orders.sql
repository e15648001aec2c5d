-- One row per kept order with the money of its kept lines, and whose it is.
with orders as (
    select * from {{ ref('validated_orders') }}
),

lines as (
    select
        order_id,
        count(*) as line_count,
        sum(quantity) as units,
        sum(sales_usd) as sales_usd,
        sum(retail_discount_usd) as retail_discount_usd,
        sum(coupon_discount_usd) as coupon_discount_usd,
        sum(coupon_match_discount_usd) as coupon_match_discount_usd,
        sum(case when is_private_brand then sales_usd else 0 end) as private_brand_sales_usd,
        sum(case when is_promoted then sales_usd else 0 end) as promoted_sales_usd,
        sum(case when sales_usd < 0 then -sales_usd else 0 end) as returned_usd
    from {{ ref('unified_order_lines') }}
    group by order_id
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

joined as (
    select
        orders.order_id,
        customers.customer_id,
        orders.store_id,
        orders.channel,
        orders.occurred_at as ordered_at,
        cast(orders.occurred_at as date) as order_date,
        {{ is_online('orders.channel') }} as is_online,
        {{ iso_dow('cast(orders.occurred_at as date)') }} >= 6 as is_weekend,
        cast(coalesce(lines.line_count, 0) as bigint) as line_count,
        cast(coalesce(lines.units, 0) as bigint) as units,
        cast(coalesce(lines.sales_usd, 0) as decimal(18, 2)) as sales_usd,
        cast(coalesce(lines.retail_discount_usd, 0) as decimal(18, 2)) as retail_discount_usd,
        cast(coalesce(lines.coupon_discount_usd, 0) as decimal(18, 2)) as coupon_discount_usd,
        cast(coalesce(lines.coupon_match_discount_usd, 0) as decimal(18, 2))
            as coupon_match_discount_usd,
        cast(coalesce(lines.private_brand_sales_usd, 0) as decimal(18, 2))
            as private_brand_sales_usd,
        cast(coalesce(lines.promoted_sales_usd, 0) as decimal(18, 2)) as promoted_sales_usd,
        cast(coalesce(lines.returned_usd, 0) as decimal(18, 2)) as returned_usd,
        coalesce(lines.coupon_discount_usd + lines.coupon_match_discount_usd, 0) > 0 as has_coupon
    from orders
    left join lines on orders.order_id = lines.order_id
    left join customers on orders.customer_record_key = customers.record_key
)

select * from joined
