-- A buyer adds up categories and a director looks at the total: they must see the same number. Each
-- row is rounded to hundredths.
with forecast as (
    select * from {{ ref('demand_forecast') }} where frequency = 'week'
),

bottom as (
    select
        period_start,
        sum(forecast_units) as units,
        count(*) as parts
    from forecast
    where level in ('product', 'rest_of_category')
    group by period_start
),

sums as (
    select
        period_start,
        level,
        sum(forecast_units) as units,
        count(*) as parts
    from forecast
    where level in ('product_category', 'department', 'total')
    group by period_start, level
)

select
    sums.period_start,
    sums.level,
    sums.units,
    bottom.units as bottom_units
from sums
inner join bottom on sums.period_start = bottom.period_start
where abs(sums.units - bottom.units) > 0.01 * (sums.parts + bottom.parts)
