-- What was sold, at every level that is forecast: units are empty where the product could not be bought.
with weeks as (
    select * from {{ ref('unified_demand_weeks') }} where not is_future
),

categories as (
    select
        *,
        case when promoted_share is not null then cast(sales_usd as double) end as weight
    from {{ ref('unified_category_weeks') }}
    where not is_future
),

days as (
    select * from {{ ref('unified_demand_days') }} where not is_future
),

every as (
    select
        'week' as frequency,
        series_kind as level,
        series_id,
        week_start as period_start,
        units,
        sales_usd,
        greatest(display_share, mailer_share) as promoted_share
    from weeks
    union all
    select
        'week' as frequency,
        'product_category' as level,
        series_id,
        week_start as period_start,
        units,
        sales_usd,
        promoted_share
    from categories
    union all
    select
        'week' as frequency,
        'department' as level,
        department as series_id,
        week_start as period_start,
        sum(units) as units,
        sum(sales_usd) as sales_usd,
        sum(promoted_share * weight) / nullif(sum(weight), 0) as promoted_share
    from categories
    group by department, week_start
    union all
    select
        'week' as frequency,
        'total' as level,
        'total' as series_id,
        week_start as period_start,
        sum(units) as units,
        sum(sales_usd) as sales_usd,
        sum(promoted_share * weight) / nullif(sum(weight), 0) as promoted_share
    from categories
    group by week_start
    union all
    select
        'day' as frequency,
        'department' as level,
        series_id,
        day as period_start,
        units,
        sales_usd,
        cast(null as double) as promoted_share
    from days
    union all
    select
        'day' as frequency,
        'total' as level,
        'total' as series_id,
        day as period_start,
        sum(units) as units,
        sum(sales_usd) as sales_usd,
        cast(null as double) as promoted_share
    from days
    group by day
)

select
    frequency,
    level,
    series_id,
    period_start,
    round(units, 3) as units,
    cast(sales_usd as decimal(18, 2)) as sales_usd,
    round(promoted_share, 4) as promoted_share
from every
