-- In the order of days, so that a question about some weeks reads those weeks only.
with lines as (
    select * from {{ ref('unified_order_lines') }}
)

select
    order_line_id,
    order_id,
    line_number,
    customer_id,
    store_id,
    product_id,
    has_known_product,
    department,
    product_category,
    order_date,
    quantity,
    sales_usd,
    retail_discount_usd,
    coupon_discount_usd,
    coupon_match_discount_usd,
    is_promoted
from lines
order by order_date, order_id, line_number
