-- Dates of past answers of models that are not graded yet and whose outcome is known by now. An
-- answer whose horizon is declared elsewhere (churn) is known when that declaration says so.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

due as (
    select
        as_of,
        coalesce(horizon_days, {{ churn_rules().known_after_days }}) as horizon_days
    from {{ source('grading', 'due_predictions') }}
    where subject <> 'demand' -- what became of it is in unified_demand_history, of all dates
)

select distinct
    due.as_of,
    run_date.as_of as run_as_of
from due
inner join run_date on {{ add_days('due.as_of', 'due.horizon_days') }} <= run_date.as_of
