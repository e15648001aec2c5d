{{ config(materialized='table') }}

with tickets as (
    {{ all_sources('support_cases') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        tickets.record_key,
        tickets.source_system,
        tickets.source_key,
        tickets.has_source_key,
        tickets.party_data_class,
        tickets.ticket_id,
        tickets.account_key as user_id,
        customer_records.record_key as customer_record_key,
        tickets.subject,
        tickets.body,
        lower(tickets.category) as category,
        {{ is_complaint('tickets.category') }} as is_complaint,
        tickets.priority,
        tickets.status,
        tickets.agent,
        tickets.occurred_at,
        tickets.occurred_at_raw,
        {{ is_later_than_a_day_after('tickets.occurred_at', 'tickets.loaded_at') }}
            as is_from_the_future,
        tickets.first_response_at,
        tickets.first_response_at_raw,
        tickets.resolved_at,
        tickets.resolved_at_raw,
        {{ seconds_between('tickets.occurred_at', 'tickets.first_response_at') }}
            as first_response_s,
        {{ seconds_between('tickets.occurred_at', 'tickets.resolved_at') }} as resolution_s,
        tickets.satisfaction,
        tickets.satisfaction_raw,
        tickets.updated_at,
        tickets.unreadable_line
    from tickets
    left join customer_records on tickets.account_record_key = customer_records.record_key
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ has_damaged_text(['subject', 'body']) }} as has_damaged_text,
        {{ comes_twice(['user_id', 'body', 'occurred_at']) }} as comes_twice,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
