with ledger as (
    {{ newest_as_of(source('intelligence', 'demand_ledger')) }}
)

select
    frequency || '|' || level || '|' || series_id as ledger_id,
    frequency,
    level,
    series_id,
    as_of,
    series_class,
    first_choice,
    model,
    reason
from ledger
order by ledger_id
