-- Prevents: customers counted with orders of other days or other people: what customers spent up to
-- the run's day is what their orders say.
{{ config(meta={'dagster': {'ref': {'name': 'customers'}}}) }}
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

bought as (
    select
        count(*) as orders,
        coalesce(sum(orders.sales_usd), 0) as sales_usd
    from {{ ref('orders') }} as orders
    inner join run_date on orders.order_date <= run_date.as_of
    where orders.customer_id is not null
),

told as (
    select
        coalesce(sum(orders), 0) as orders,
        coalesce(sum(sales_usd), 0) as sales_usd
    from {{ ref('customers') }}
)

select
    bought.orders as orders_bought,
    told.orders as orders_told,
    bought.sales_usd as usd_bought,
    told.sales_usd as usd_told
from bought
cross join told
where bought.orders <> told.orders or bought.sales_usd <> told.sales_usd
