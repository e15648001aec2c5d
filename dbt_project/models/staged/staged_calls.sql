{{ config(materialized='table') }}

with calls as (
    {{ all_sources('calls') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        calls.record_key,
        calls.source_system,
        calls.source_key,
        calls.has_source_key,
        calls.party_data_class,
        calls.call_id,
        calls.account_key as contact_id,
        customer_records.record_key as customer_record_key,
        calls.caller_phone,
        calls.agent,
        lower(calls.reason) as reason,
        {{ is_complaint('calls.reason') }} as is_complaint,
        calls.language,
        calls.transcript,
        {{ json_list_length('calls.transcript') }} as transcript_turns,
        calls.transcript is null
        or {{ json_list_length('calls.transcript') }} is not null as has_readable_transcript,
        calls.occurred_at,
        calls.occurred_at_raw,
        {{ is_later_than_a_day_after('calls.occurred_at', 'calls.loaded_at') }}
            as is_from_the_future,
        calls.duration_s,
        calls.duration_s_raw,
        calls.post_call_score,
        calls.post_call_score_raw,
        calls.unreadable_line
    from calls
    left join customer_records on calls.account_record_key = customer_records.record_key
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ has_damaged_text(['transcript']) }} as has_damaged_text,
        {{ is_valid_phone('caller_phone', none, 'language') }} as is_valid_phone,
        {{ comes_twice(['caller_phone', 'occurred_at', 'duration_s']) }} as comes_twice,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
