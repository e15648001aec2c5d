with standing as (
    select * from {{ source('grading', 'standing') }}
),

run_date as (
    select as_of from {{ ref('staged_run_date') }}
)

select
    standing.subject,
    standing.as_of,
    standing.origin,
    standing.is_demoted,
    standing.since,
    standing.reason
from standing
inner join run_date on standing.as_of <= run_date.as_of
order by subject, as_of, origin
