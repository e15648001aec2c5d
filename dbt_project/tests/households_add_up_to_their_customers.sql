-- Prevents: a customer in two households or in none, and money that is counted twice or lost on the
-- way from orders to customers to households.
{{ config(meta={'dagster': {'ref': {'name': 'households'}}}) }}
with customers as (
    select
        household_id,
        count(*) as customers,
        sum(orders) as orders,
        sum(sales_usd) as sales_usd
    from {{ ref('customers') }}
    group by household_id
)

select
    coalesce(households.household_id, customers.household_id) as household_id,
    households.sales_usd as household_usd,
    customers.sales_usd as customers_usd
from {{ ref('households') }} as households
full outer join customers on households.household_id = customers.household_id
where households.household_id is null
    or customers.household_id is null
    or households.customers <> customers.customers
    or households.orders <> customers.orders
    or households.sales_usd <> customers.sales_usd
