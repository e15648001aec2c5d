-- How much of each kind of goods each customer bought on each day. Goods brought back count as none:
-- this says what somebody likes, not what is earned.
select
    customer_id,
    order_date,
    department,
    product_category,
    cast(sum(case when sales_usd > 0 then sales_usd else 0 end) as decimal(18, 2)) as bought_usd
from {{ ref('unified_order_lines') }}
where customer_id is not null
group by customer_id, order_date, department, product_category
