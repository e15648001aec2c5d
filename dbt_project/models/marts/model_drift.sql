with drift as (
    select * from {{ source('grading', 'drift') }}
),

run_date as (
    select as_of from {{ ref('staged_run_date') }}
)

select
    drift.subject,
    drift.as_of,
    drift.column_name,
    drift.compared_with,
    round(drift.psi, 6) as psi,
    drift.verdict
from drift
inner join run_date on drift.as_of <= run_date.as_of
order by subject, as_of, column_name
