with scorecard as (
    select * from {{ source('grading', 'scorecard') }}
),

run_date as (
    select as_of from {{ ref('staged_run_date') }}
)

select
    scorecard.subject,
    scorecard.task,
    scorecard.as_of,
    scorecard.origin,
    scorecard.horizon_days,
    scorecard.matured_on,
    scorecard.model,
    scorecard.dimension,
    scorecard.member,
    scorecard.metric,
    round(scorecard.value, 6) as value,
    round(scorecard.lower, 6) as lower,
    round(scorecard.upper, 6) as upper,
    coalesce(scorecard.baseline, 'none') as baseline,
    round(scorecard.baseline_value, 6) as baseline_value,
    scorecard.population
from scorecard
inner join run_date on scorecard.matured_on <= run_date.as_of
order by subject, task, as_of, origin, dimension, member, metric, baseline
