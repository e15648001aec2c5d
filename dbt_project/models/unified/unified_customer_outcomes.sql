-- What customers did in the 28 days after each feature date: what churn models learn and are judged
-- by. Only windows that have ended by the run's day, and only customers who bought in the 56 days
-- before.
with feature_dates as (
    select as_of
    from {{ ref('unified_feature_dates') }}
    where {{ add_days('as_of', 28) }} <= run_as_of
),

days as (
    select * from {{ ref('unified_customer_days') }}
),

around as (
    select
        days.customer_id,
        feature_dates.as_of,
        days.order_date > feature_dates.as_of as is_after,
        days.orders,
        days.sales_usd
    from days
    inner join feature_dates
        on days.order_date > {{ add_days('feature_dates.as_of', -56) }}
        and days.order_date <= {{ add_days('feature_dates.as_of', 28) }}
),

outcomes as (
    select
        customer_id,
        as_of,
        cast(sum(case when is_after then orders else 0 end) as bigint) as orders_next_28d,
        cast(sum(case when is_after then sales_usd else 0 end) as decimal(18, 2))
            as spend_next_28d
    from around
    group by customer_id, as_of
    having sum(case when is_after then 0 else orders end) > 0
)

select
    customer_id,
    as_of,
    orders_next_28d,
    spend_next_28d,
    orders_next_28d = 0 as is_churned_28d
from outcomes
