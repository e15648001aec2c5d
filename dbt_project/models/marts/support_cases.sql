-- Tickets without their text, which names people.
with cases as (
    select * from {{ ref('validated_support_cases') }}
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
)

select
    cases.record_key as case_id,
    customers.customer_id,
    cases.source_system,
    cases.category,
    cases.priority,
    cases.status,
    cases.is_complaint,
    cases.occurred_at as opened_at,
    cast(cases.occurred_at as date) as opened_date,
    cases.resolved_at,
    cases.first_response_s,
    cases.resolution_s,
    cases.satisfaction
from cases
left join customers on cases.customer_record_key = customers.record_key
order by cases.record_key
