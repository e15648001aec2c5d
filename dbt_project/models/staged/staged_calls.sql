with calls as (
    select
        *,
        {{ record_key('crm', 'contact_id') }} as contact_record_key
    from {{ ref('stg_callcentre__calls') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        {{ record_key('callcentre', 'calls.source_key') }} as record_key,
        'callcentre' as source_system,
        calls.source_key,
        calls.has_source_key,
        'first' as party_data_class,
        calls.call_id,
        calls.contact_id,
        customer_records.record_key as customer_record_key,
        calls.caller_phone,
        calls.agent,
        lower(calls.reason) as reason,
        {{ is_complaint('calls.reason') }} as is_complaint,
        calls.language,
        calls.transcript,
        calls.transcript_turns,
        calls.transcript is null or calls.transcript_turns is not null as has_readable_transcript,
        calls.started_at as occurred_at,
        calls.started_at_raw as occurred_at_raw,
        {{ is_later_than_a_day_after('calls.started_at', 'calls.loaded_at') }}
            as is_from_the_future,
        calls.duration_s,
        calls.duration_s_raw,
        calls.post_call_score,
        calls.post_call_score_raw,
        calls.unreadable_line
    from calls
    left join customer_records on calls.contact_record_key = customer_records.record_key
)

select * from conformed
