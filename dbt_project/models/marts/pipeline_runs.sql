with runs as (
    select * from {{ source('pipeline_runs', 'runs') }}
)

select
    run_id,
    as_of,
    started_at,
    status,
    rows_pulled,
    rows_staged,
    rows_validated,
    rows_quarantined,
    customers
from runs
order by started_at, run_id
