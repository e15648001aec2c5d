with grades as (
    select * from {{ source('grading', 'grades') }}
),

run_date as (
    select as_of from {{ ref('staged_run_date') }}
)

select
    grades.subject,
    grades.metric,
    round(grades.value, 6) as value,
    grades.baseline,
    round(grades.baseline_value, 6) as baseline_value,
    grades.as_of,
    grades.evaluated_from,
    grades.evaluated_to,
    grades.population
from grades
inner join run_date on grades.as_of <= run_date.as_of
order by subject, metric, baseline, as_of, evaluated_from, evaluated_to, value
