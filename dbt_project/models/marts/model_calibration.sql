with bins as (
    select * from {{ source('grading', 'scorecard_bins') }}
),

run_date as (
    select as_of from {{ ref('staged_run_date') }}
)

select
    bins.subject,
    bins.task,
    bins.as_of,
    bins.origin,
    bins.horizon_days,
    bins.matured_on,
    bins.dimension,
    bins.member,
    bins.customers,
    round(bins.predicted, 6) as predicted,
    round(bins.actual, 6) as actual
from bins
inner join run_date on bins.matured_on <= run_date.as_of
order by subject, task, as_of, origin, dimension, member
