-- Keys and values stay in the warehouse: here only how many rows broke which rule.
with quarantined_rows as (
    select * from {{ source('quarantine', 'rows') }}
    where is_current
)

select
    entity || '|' || rule as rule_id,
    entity,
    rule,
    max(reason) as reason,
    cast(count(*) as bigint) as rows,
    min(first_seen) as first_seen,
    max(last_seen) as last_seen
from quarantined_rows
group by entity, rule
order by entity, rule
