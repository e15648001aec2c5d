-- The dates a backfill speaks for, weekly from var backfill_from to var backfill_to, and the 36 weeks
-- before them, which models learn from: like a night's own earlier dates, they are 28 days apart
-- from a date spoken for.
{%- set first, last = var('backfill_from', none), var('backfill_to', none) -%}
{%- set weeks = 0 -%}
{%- if first and last -%}
    {%- set days = (
        modules.datetime.date.fromisoformat(last) - modules.datetime.date.fromisoformat(first)
    ).days -%}
    {%- set weeks = days // 7 + 37 -%}
{%- endif %}
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

first_order as (
    select min(order_date) as order_date from {{ ref('unified_orders') }}
),

steps as (
    {{ numbers(weeks) }}
),

dates as (
    select
        {{ add_days("cast('" ~ (last or '1970-01-01') ~ "' as date)", '-7 * steps.n') }} as as_of,
        run_date.as_of as run_as_of
    from run_date
    cross join steps
)

select
    dates.as_of,
    dates.run_as_of
from dates
cross join first_order
where dates.as_of >= first_order.order_date and dates.as_of <= dates.run_as_of
