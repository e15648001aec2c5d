-- The calendar: every day from the first month's to half a year after the run, so that facts, the
-- periods they lie in and forecasts all find theirs.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

first_days as (
    select min(order_date) as first_day from {{ ref('unified_orders') }}
    union all
    select min(cast(started_at as date)) as first_day from {{ ref('unified_web_sessions') }}
    union all
    select as_of as first_day from run_date
),

span as (
    select
        {{ week_start(first_of_month('min(first_days.first_day)')) }} as first_day,
        {{ add_days('max(run_date.as_of)', 183) }} as last_day
    from first_days
    cross join run_date
),

-- Forty years at most: one order of the year 1990 among today's must not cost a long table more.
steps as (
    {{ numbers(14610) }}
),

days as (
    select {{ add_days('span.last_day', '-steps.n') }} as date_day
    from span
    cross join steps
    where {{ add_days('span.last_day', '-steps.n') }} >= span.first_day
)

select
    days.date_day,
    {{ week_start('days.date_day') }} as week_start,
    {{ first_of_month('days.date_day') }} as month_start,
    cast(extract(year from days.date_day) as bigint) as year_number,
    cast(extract(quarter from days.date_day) as bigint) as quarter_number,
    cast(extract(month from days.date_day) as bigint) as month_number,
    cast(extract(day from days.date_day) as bigint) as day_of_month,
    cast({{ iso_dow('days.date_day') }} as bigint) as day_of_week,
    {{ iso_dow('days.date_day') }} >= 6 as is_weekend,
    days.date_day <= run_date.as_of as is_past
from days
cross join run_date
order by days.date_day
