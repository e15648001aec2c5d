-- What was sold of each product in each complete week, in units of unified_demand_products.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

lines as (
    select * from {{ ref('unified_order_lines') }}
),

first_order as (
    select min(order_date) as order_date from lines
),

sold as (
    select
        coalesce(lines.product_id, 'unknown') as product_id,
        lines.week_start,
        sum(case when lines.quantity > 0 then lines.quantity else 0 end) as quantity,
        sum(lines.sales_usd) as sales_usd,
        sum(lines.retail_discount_usd) as discount_usd,
        sum(lines.coupon_discount_usd + lines.coupon_match_discount_usd) as coupon_usd
    from lines
    cross join run_date
    cross join first_order
    where
        {{ add_days('lines.week_start', 6) }} <= run_date.as_of
        and lines.week_start >= first_order.order_date
    group by coalesce(lines.product_id, 'unknown'), lines.week_start
)

select
    sold.product_id,
    products.product_category,
    products.department,
    sold.week_start,
    cast(sold.quantity as double) / products.quantity_per_unit as sold_units,
    cast(sold.sales_usd as decimal(18, 2)) as sales_usd,
    cast(sold.discount_usd as decimal(18, 2)) as discount_usd,
    cast(sold.coupon_usd as decimal(18, 2)) as coupon_usd
from sold
inner join {{ ref('unified_demand_products') }} as products
    on sold.product_id = products.product_id
