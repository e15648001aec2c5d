-- An order must be placed a lead time before the shelf may be empty (one case in ten), and not before
-- today.
with orders as (
    {{ newest_as_of(source('intelligence', 'replenishment')) }}
),

stock as (
    select * from {{ ref('unified_stock') }}
)

select
    orders.product_id,
    orders.store_id,
    stock.product_category,
    stock.department,
    orders.as_of,
    stock.counted_on,
    cast(round(orders.on_hand_units) as bigint) as on_hand_units,
    cast(round(orders.on_order_units) as bigint) as on_order_units,
    stock.next_delivery_on,
    stock.lead_time_days,
    stock.review_days,
    stock.pack_units,
    stock.service_level,
    case
        when orders.series_id like 'store:%' then 'product_store'
        when orders.series_id like 'product:%' then 'product'
        when orders.series_id like 'other:%' then 'rest_of_category'
    end as forecast_level,
    orders.share,
    orders.expected_units,
    orders.safety_units,
    orders.order_up_to_units,
    cast(round(orders.reorder_quantity) as bigint) as reorder_quantity,
    orders.stock_out_date,
    orders.stock_out_early_date,
    orders.stock_out_probability,
    case
        when stock.lead_time_days >= 0 and orders.stock_out_early_date is not null
            then greatest(
                {{ add_days('orders.stock_out_early_date', '-1 * stock.lead_time_days') }},
                orders.as_of
            )
    end as order_by_date,
    orders.reason
from orders
inner join stock
    on orders.product_id = stock.product_id
    and orders.store_id = stock.store_id
order by orders.product_id, orders.store_id
