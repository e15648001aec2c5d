-- The days each customer's stage is told for: the end of every month since the first order, and the
-- run's day.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

first_order as (
    select min(order_date) as order_date from {{ ref('unified_customer_days') }}
),

steps as (
    {{ numbers(var('lifecycle').months) }}
),

-- The last day of a month is the day before the first of the next.
month_ends as (
    select
        {{ add_days(dbt.dateadd('month', '-steps.n', first_of_month('run_date.as_of')), -1) }} as as_of,
        run_date.as_of as run_as_of
    from run_date
    cross join steps
),

dates as (
    select as_of, run_as_of from month_ends
    union
    select as_of, as_of as run_as_of from run_date
)

select
    dates.as_of,
    {{ first_of_month('dates.as_of') }} <> {{ first_of_month(add_days('dates.as_of', 1)) }} as is_month_end
from dates
cross join first_order
where dates.as_of >= first_order.order_date or dates.as_of = dates.run_as_of
