-- Demand by department and day, from its first sale to the end of the forecast; empty for days on which
-- the company was closed, and for days to come.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

sold as (
    select
        products.department,
        lines.order_date,
        sum(case when lines.quantity > 0 then cast(lines.quantity as double) else 0 end
            / products.quantity_per_unit) as units,
        sum(lines.sales_usd) as sales_usd
    from {{ ref('unified_order_lines') }} as lines
    cross join run_date
    inner join {{ ref('unified_demand_products') }} as products
        on coalesce(lines.product_id, 'unknown') = products.product_id
    where lines.order_date <= run_date.as_of
    group by products.department, lines.order_date
),

began as (
    select
        department,
        min(order_date) as first_day
    from sold
    group by department
),

calendar as (
    select
        *,
        case when holiday is not null then 1 else 0 end as holidays,
        lead(case when holiday is not null then 1 else 0 end) over (order by day) as holidays_next
    from {{ ref('unified_calendar') }}
)

select
    began.department as series_id,
    calendar.day,
    calendar.day > run_date.as_of as is_future,
    case
        when calendar.day <= run_date.as_of and not calendar.was_closed
            then round(coalesce(sold.units, 0), 3)
    end as units,
    case when calendar.day <= run_date.as_of then cast(coalesce(sold.sales_usd, 0) as decimal(18, 2)) end
        as sales_usd,
    cast(case when coalesce(calendar.was_closed, calendar.is_declared_closed) then 1 else 0 end as bigint)
        as closed_days,
    cast(calendar.holidays as bigint) as holidays,
    cast(coalesce(calendar.holidays_next, 0) as bigint) as holidays_next,
    calendar.week_of_month
from began
cross join run_date
inner join calendar
    on calendar.day >= began.first_day
    and calendar.day > {{ add_days('run_date.as_of', '-7 * ' ~ var('demand').history_weeks) }}
    and calendar.day <= {{ add_days('run_date.as_of', '7 * ' ~ var('demand').horizon_weeks) }}
left join sold
    on began.department = sold.department
    and calendar.day = sold.order_date
order by series_id, calendar.day
