-- A product that changed from its own series to its category's rest, or lost its category, must not
-- drop out of the sums or be counted twice: money and units of the series are those of the lines.
{{ config(meta={'dagster': {'ref': {'name': 'unified_demand_weeks'}}}) }}
with lines as (
    select
        sum(product_weeks.sold_units) as units,
        sum(product_weeks.sales_usd) as sales_usd
    from {{ ref('unified_product_weeks') }} as product_weeks
    cross join {{ ref('staged_run_date') }} as run_date
    where product_weeks.week_start
        >= {{ add_days('run_date.as_of', '-7 * ' ~ var('demand').history_weeks) }}
),

-- A series begins with its first sale; a line of money for no units before it is in no week.
series as (
    select
        sum(sold_units) as units,
        sum(sales_usd) as sales_usd
    from {{ ref('unified_demand_weeks') }}
    where series_kind in ('product', 'rest_of_category')
)

select
    lines.units as sold,
    series.units as in_series
from lines
cross join series
where abs(lines.units - series.units) > 0.001 * (1 + abs(lines.units)) / 1000
    or abs(lines.sales_usd - series.sales_usd) > 0.001 * (1 + abs(lines.sales_usd))
