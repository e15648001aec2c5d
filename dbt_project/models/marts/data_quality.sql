-- Table-level judgements of every night; rows in quarantine are in quarantine_summary.
with findings as (
    select * from {{ source('quality', 'findings') }}
)

select
    {{ as_text('as_of') }} || '|' || entity || '|' || check_name || '|' || column_name as finding_id,
    as_of,
    entity,
    check_name,
    column_name,
    rows_of,
    value,
    expected_low,
    expected_high,
    status,
    message
from findings
order by as_of, entity, check_name, column_name
