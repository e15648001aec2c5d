-- What BI needs to follow quarantine over time. The masked values stay in the warehouse.
with quarantined_rows as (
    select * from {{ source('quarantine', 'rows') }}
),

dated as (
    select
        entity || '|' || record_key || '|' || rule as quarantine_id,
        entity,
        record_key,
        rule,
        reason,
        severity,
        first_seen,
        last_seen,
        is_current,
        {{ days_between('first_seen', 'last_seen') }} + 1 as days
    from quarantined_rows
)

select *
from dated
order by entity, rule, record_key
