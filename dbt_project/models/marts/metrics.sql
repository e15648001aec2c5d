-- Every metric for the company and for each segment, by day, week and month.
with periods as (
    select * from {{ ref('unified_customer_periods') }}
),

segments as (
    select * from {{ ref('customer_segments') }}
),

members as (
    select customer_id, 'rfm_segment' as dimension, rfm_segment as member from segments
    union all
    select customer_id, 'lifecycle_stage' as dimension, lifecycle_stage as member from segments
    union all
    select customer_id, 'behaviour_segment' as dimension, behaviour_segment as member from segments
    union all
    select customer_id, 'frequency_group' as dimension, frequency_group as member from segments
),

company as (
    select
        'company' as dimension,
        'all' as member,
        period,
        period_start,
        is_complete,
        {{ metric_columns() }}
    from periods
    group by period, period_start, is_complete
),

by_segment as (
    select
        members.dimension,
        members.member,
        periods.period,
        periods.period_start,
        periods.is_complete,
        {{ metric_columns() }}
    from periods
    inner join members on periods.customer_id = members.customer_id
    where members.member is not null
    group by members.dimension, members.member, periods.period, periods.period_start, periods.is_complete
),

together as (
    select * from company
    union all
    select * from by_segment
)

select
    md5(dimension || '|' || member || '|' || period || '|' || cast(period_start as {{ dbt.type_string() }}))
        as metrics_id,
    together.*
from together
order by dimension, member, period, period_start
