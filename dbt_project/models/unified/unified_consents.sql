-- What each customer allows as of the run's day: the latest statement for a channel and a purpose
-- holds, whichever system heard it; a withdrawal wins over a yes of the same moment.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

statements as (
    select
        assignments.customer_id,
        consents.channel,
        consents.purpose,
        consents.state,
        consents.occurred_at,
        consents.source_system,
        consents.record_key,
        row_number() over (
            partition by assignments.customer_id, consents.channel, consents.purpose
            order by
                consents.occurred_at desc,
                case when consents.state = 'withdrawn' then 0 else 1 end,
                consents.record_key
        ) as newest_first,
        count(*) over (
            partition by assignments.customer_id, consents.channel, consents.purpose
        ) as statements
    from {{ ref('validated_consents') }} as consents
    inner join {{ source('identity', 'assignments') }} as assignments
        on consents.customer_record_key = assignments.record_key
    inner join run_date on cast(consents.occurred_at as date) <= run_date.as_of
)

select
    customer_id,
    channel,
    purpose,
    state,
    occurred_at as stated_at,
    source_system,
    record_key,
    cast(statements as bigint) as statements
from statements
where newest_first = 1
