-- Calls without their transcript, which names people.
with calls as (
    select * from {{ ref('validated_calls') }}
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
)

select
    calls.record_key as call_key,
    customers.customer_id,
    calls.source_system,
    calls.reason,
    calls.is_complaint,
    calls.language,
    calls.occurred_at as called_at,
    cast(calls.occurred_at as date) as call_date,
    calls.duration_s,
    calls.post_call_score
from calls
left join customers on calls.customer_record_key = customers.record_key
order by calls.record_key
