-- The days features are computed for: the run's day and nine earlier ones, 28 days apart, so that
-- models can be trained on the past and judged on later days. Days before the first order have
-- nothing to say.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

first_order as (
    select min(order_date) as order_date from {{ ref('unified_orders') }}
),

steps as (
    {{ numbers(10) }}
),

dates as (
    select
        {{ add_days('run_date.as_of', '-28 * steps.n') }} as as_of,
        run_date.as_of as run_as_of
    from run_date
    cross join steps
)

select
    dates.as_of,
    dates.run_as_of
from dates
cross join first_order
where dates.as_of >= first_order.order_date
