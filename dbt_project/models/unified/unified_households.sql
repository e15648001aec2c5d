-- One row per household as of the run's day: who lives together by the identity step, and what they
-- bought together. A customer that shares a home with nobody is a household of its own.
with customers as (
    select * from {{ ref('unified_customer_360') }}
),

assignments as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

bureau as (
    select
        customers.household_id,
        demographics.household_size,
        demographics.kids_count,
        row_number() over (
            partition by customers.household_id
            order by demographics.updated_at desc nulls last, demographics.record_key
        ) as preference
    from {{ ref('validated_demographics') }} as demographics
    inner join assignments on demographics.customer_record_key = assignments.record_key
    inner join customers on assignments.customer_id = customers.customer_id
)

select
    customers.household_id,
    customers.as_of,
    cast(count(*) as bigint) as customers,
    cast(sum(case when customers.customer_kind = 'customer' then 1 else 0 end) as bigint) as buyers,
    max(bureau.household_size) as household_size,
    max(bureau.kids_count) as kids_count,
    cast(sum(customers.orders) as bigint) as orders,
    cast(sum(customers.sales_usd) as decimal(18, 2)) as sales_usd,
    cast(sum(coalesce(customers.sales_84d_usd, 0)) as decimal(18, 2)) as sales_84d_usd,
    min(customers.first_order_date) as first_order_date,
    max(customers.last_order_date) as last_order_date
from customers
left join bureau on customers.household_id = bureau.household_id and bureau.preference = 1
group by customers.household_id, customers.as_of
order by customers.household_id
