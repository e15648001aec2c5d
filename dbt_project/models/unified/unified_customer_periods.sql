-- What the metrics add up, per customer and day, week and month. A customer who was active has a row
-- in the next period too: who does not come back must be counted. Rows of nobody known have no
-- customer_id, and are neither active nor retained.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

days as (
    select * from {{ ref('unified_metric_days') }}
),

first_days as (
    select min(metric_date) as first_day from days
),

per_period as (
    {%- for period in ['day', 'week', 'month'] %}
    select
        customer_id,
        '{{ period }}' as period,
        {{ period_start(period, 'metric_date') }} as period_start,
        {{ next_period_start(period, period_start(period, 'metric_date')) }} as next_period_start,
        {%- for part in metric_parts() %}
        sum({{ part }}) as {{ part }}{{ ',' if not loop.last }}
        {%- endfor %}
    from days
    group by customer_id, {{ period_start(period, 'metric_date') }}
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

with_history as (
    select
        *,
        case when customer_id is not null and orders > 0 then 1 else 0 end as is_active,
        sum(orders) over (
            partition by customer_id, period order by period_start
            rows between unbounded preceding and current row
        ) as orders_so_far
    from per_period
),

own_and_next as (
    select
        customer_id,
        period,
        period_start,
        {%- for part in metric_parts() %}
        {{ part }},
        {%- endfor %}
        is_active,
        case when is_active = 1 and orders_so_far >= 2 then 1 else 0 end as is_repeat,
        0 as was_active
    from with_history
    union all
    select
        customer_id,
        period,
        next_period_start as period_start,
        {%- for part in metric_parts() %}
        {{ 'null' if part in ('margin_usd', 'sales_of_known_cost_usd') else '0' }} as {{ part }},
        {%- endfor %}
        0 as is_active,
        0 as is_repeat,
        1 as was_active
    from with_history
    where is_active = 1
),

merged as (
    select
        customer_id,
        period,
        period_start,
        {%- for part, type_name in metric_parts().items() %}
        cast(sum({{ part }}) as {{ type_name }}) as {{ part }},
        {%- endfor %}
        cast(max(is_active) as bigint) as is_active,
        cast(max(is_repeat) as bigint) as is_repeat,
        cast(max(was_active) as bigint) as was_active,
        cast(max(is_active) * max(was_active) as bigint) as is_retained
    from own_and_next
    group by customer_id, period, period_start
)

select
    merged.*,
    merged.period_start >= first_days.first_day
        and case merged.period
            when 'day' then merged.period_start
            when 'week' then {{ add_days('merged.period_start', 6) }}
            else {{ add_days(dbt.dateadd('month', 1, 'merged.period_start'), -1) }}
        end <= run_date.as_of as is_complete
from merged
inner join run_date on merged.period_start <= run_date.as_of
cross join first_days
