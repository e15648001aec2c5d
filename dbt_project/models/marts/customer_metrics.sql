-- Every metric for each customer, by day, week and month in which something happened, and the one
-- after an order.
with periods as (
    select * from {{ ref('unified_customer_periods') }}
    where customer_id is not null
)

select
    md5(customer_id || '|' || period || '|' || cast(period_start as {{ dbt.type_string() }}))
        as customer_metrics_id,
    customer_id,
    period,
    period_start,
    is_complete,
    {{ metric_columns() }}
from periods
group by customer_id, period, period_start, is_complete
order by customer_id, period, period_start
