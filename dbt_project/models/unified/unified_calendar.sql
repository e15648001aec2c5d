-- One row per day that demand is looked at, to the end of the forecast: what is special about it. A
-- day between the first order and the run's day on which nobody bought anything was a closed one;
-- of the days to come only the declared holidays are known.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

traded as (
    select distinct order_date from {{ ref('unified_orders') }} where line_count > 0
),

bounds as (
    select
        {{ week_start('min(traded.order_date)') }} as first_day,
        min(traded.order_date) as first_order,
        max(run_date.as_of) as as_of
    from traded
    cross join run_date
    where traded.order_date <= run_date.as_of
),

numbers as (
    {{ numbers(8000) }}
),

days as (
    select
        {{ add_days('bounds.first_day', 'numbers.n') }} as day,
        bounds.first_order,
        bounds.as_of
    from bounds
    inner join numbers
        on numbers.n <= {{ days_between('bounds.first_day', 'bounds.as_of') }}
            + 7 * ({{ var('demand').horizon_weeks }} + 1)
),

holidays as (
    {{ holidays() }}
),

described as (
    select
        days.day,
        {{ week_start('days.day') }} as week_start,
        holidays.holiday,
        coalesce(holidays.closes, false) as is_declared_closed,
        case
            when days.day >= days.first_order and days.day <= days.as_of
                then traded.order_date is null
        end as was_closed
    from days
    left join traded on days.day = traded.order_date
    left join holidays on days.day = holidays.day
)

select
    day,
    week_start,
    -- The Monday's place in the month: wages and benefits are paid, and spent, by the calendar.
    cast(floor((extract(day from week_start) - 1) / 7.0) as bigint) as week_of_month,
    holiday,
    is_declared_closed,
    was_closed
from described
order by day
