with history as (
    select * from {{ ref('unified_demand_history') }}
)

select
    frequency || '|' || level || '|' || series_id || '|' || {{ as_text('period_start') }} as demand_id,
    frequency,
    level,
    series_id,
    period_start,
    units,
    sales_usd,
    promoted_share
from history
order by demand_id
