-- What was sold of each product in each week, for lists of products over long times: a third of the
-- rows of order_lines, in the order of weeks.
with lines as (
    select * from {{ ref('unified_order_lines') }}
    where product_id is not null
)

select
    md5(product_id || '|' || cast(week_start as {{ dbt.type_string() }})) as product_weeks_id,
    product_id,
    week_start,
    max(case when has_known_product then 1 else 0 end) = 1 as has_known_product,
    min(department) as department,
    min(product_category) as product_category,
    count(*) as line_count,
    count(distinct order_id) as orders,
    cast(sum(quantity) as bigint) as units,
    cast(sum(sales_usd) as decimal(18, 2)) as sales_usd,
    cast(sum(retail_discount_usd) as decimal(18, 2)) as retail_discount_usd
from lines
group by product_id, week_start
order by week_start, product_id
