with demand as (
    select * from {{ ref('unified_weekly_demand') }}
)

select
    series_id || '|' || {{ as_text('week_start') }} as demand_id,
    series_id as product_category,
    week_start,
    cast(units as bigint) as units,
    sales_usd,
    promoted_share
from demand
order by series_id, week_start
