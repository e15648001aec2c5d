-- A line shares the fate of its order: `has_usable_order` asks the order's own rules, so that what
-- the gate keeps of the money is the lines of kept orders and nothing else.
with till_lines as (
    select * from {{ ref('stg_erp__order_lines') }}
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
        {{ record_key('erp', 'till_lines.source_key') }} as record_key,
        'erp' as source_system,
        till_lines.source_key,
        till_lines.has_source_key,
        'first' as party_data_class,
        till_lines.order_id,
        till_lines.line_number,
        till_lines.product_id,
        till_lines.quantity,
        till_lines.sales_usd,
        till_lines.retail_discount_usd,
        till_lines.coupon_discount_usd,
        till_lines.coupon_match_discount_usd,
        orders.order_id is not null as has_known_order,
        coalesce(orders.is_usable, false) as has_usable_order,
        catalogue.product_id is not null as has_known_product,
        orders.customer_record_key,
        orders.occurred_at,
        till_lines.updated_at,
        till_lines.unreadable_line
    from till_lines
    left join orders on till_lines.order_id = orders.order_id
    left join catalogue on till_lines.product_id = catalogue.product_id
)

select * from conformed
