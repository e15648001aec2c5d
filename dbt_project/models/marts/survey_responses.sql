-- Answers without their comment, which may name people.
with answers as (
    select * from {{ ref('validated_survey_responses') }}
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
)

select
    answers.record_key as response_id,
    customers.customer_id,
    answers.source_system,
    answers.survey,
    answers.question,
    answers.score,
    answers.occurred_at as answered_at,
    cast(answers.occurred_at as date) as response_date
from answers
left join customers on answers.customer_record_key = customers.record_key
order by answers.record_key
