-- Demand of each product category by week, from its series, with what is known to move it. How much is
-- promoted and what a unit brings is told by the products with a series of their own, each with the
-- weight of its sales.
with demand as (
    select * from {{ ref('unified_demand_weeks') }}
    where series_kind in ('product', 'rest_of_category')
),

declared as (
    select
        week_start,
        sum(case when is_declared_closed then 1 else 0 end) as closed_days
    from {{ ref('unified_calendar') }}
    group by week_start
),

weighed as (
    select
        demand.*,
        cast(sum(case when demand.series_kind = 'product' then demand.sales_usd end)
            over (partition by demand.series_id) as double) as weight,
        demand.series_kind = 'product' and coalesce(demand.price_ratio, 0) > 0 as has_price,
        greatest(demand.display_share, demand.mailer_share) as promoted_share
    from demand
),

added as (
    select
        product_category,
        department,
        week_start,
        is_future,
        sum(sold_units) as units,
        sum(sales_usd) as sales_usd,
        max(closed_days) as closed_days,
        max(holidays) as holidays,
        max(holidays_next) as holidays_next,
        max(week_of_month) as week_of_month,
        sum(weight * promoted_share) / nullif(sum(case when promoted_share is not null then weight end), 0)
            as promoted_share,
        sum(case when has_price then cast(sales_usd as double) end)
            / nullif(sum(case when has_price then cast(sales_usd as double) / price_ratio end), 0)
            as price_ratio
    from weighed
    group by product_category, department, week_start, is_future
)

select
    added.product_category as series_id,
    added.department,
    added.week_start,
    added.is_future,
    case
        when added.closed_days < {{ var('demand').unobserved_from_days }} then round(added.units, 3)
    end as units,
    cast(added.sales_usd as decimal(18, 2)) as sales_usd,
    added.closed_days,
    cast(declared.closed_days as bigint) as declared_closed_days,
    added.holidays,
    added.holidays_next,
    added.week_of_month,
    round(added.promoted_share, 4) as promoted_share,
    round(added.price_ratio, 4) as price_ratio
from added
inner join declared on added.week_start = declared.week_start
order by series_id, added.week_start
