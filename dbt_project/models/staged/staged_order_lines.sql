{{ config(materialized='table') }}

-- A line shares the fate of its order: `has_usable_order` asks the order's own rules, so that what
-- the gate keeps of the money is the lines of kept orders and nothing else.
with lines as (
    {{ all_sources('order_lines') }}
),

orders as (
    select
        order_id,
        customer_record_key,
        occurred_at,
        not {{ fails_a_row_rule('orders') }} as is_usable
    from {{ ref('staged_orders') }}
    where has_source_key
),

catalogue as (
    select product_id from {{ ref('staged_products') }} where has_source_key
),

conformed as (
    select
        lines.record_key,
        lines.source_system,
        lines.source_key,
        lines.has_source_key,
        lines.party_data_class,
        lines.order_line_id,
        lines.order_id,
        lines.line_number,
        lines.product_id,
        lines.quantity,
        lines.sales_usd,
        lines.retail_discount_usd,
        lines.coupon_discount_usd,
        lines.coupon_match_discount_usd,
        orders.order_id is not null as has_known_order,
        coalesce(orders.is_usable, false) as has_usable_order,
        catalogue.product_id is not null as has_known_product,
        orders.customer_record_key,
        orders.occurred_at,
        lines.updated_at,
        lines.unreadable_line
    from lines
    left join orders on lines.order_id = orders.order_id
    left join catalogue on lines.product_id = catalogue.product_id
)

select * from conformed
