{#- Prevents: money, orders or complaints that are lost or doubled on the way from days to periods. -#}
{% test metric_periods_hold_all_days(model) %}
with per_period as (
    select
        period,
        sum(orders) as orders,
        sum(sales_usd) as sales_usd,
        sum(complaints) as complaints
    from {{ model }}
    group by period
),

all_days as (
    select
        sum(orders) as orders,
        sum(sales_usd) as sales_usd,
        sum(complaints) as complaints
    from {{ ref('unified_metric_days') }}
)

select per_period.*
from per_period
cross join all_days
where per_period.orders <> all_days.orders
    or per_period.sales_usd <> all_days.sales_usd
    or per_period.complaints <> all_days.complaints
{% endtest %}
