{{ config(materialized='table') }}

with events as (
    {{ all_sources('web_events') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        events.record_key,
        events.source_system,
        events.source_key,
        events.has_source_key,
        events.party_data_class,
        events.event_id,
        events.account_key as web_account_id,
        customer_records.record_key as customer_record_key,
        events.device_id,
        events.session_id,
        events.event_type,
        events.page,
        events.product_id,
        events.referrer,
        events.device_type,
        events.occurred_at,
        events.occurred_at_raw,
        {{ is_later_than_a_day_after('events.occurred_at', 'events.loaded_at') }}
            as is_from_the_future,
        events.unreadable_line
    from events
    left join customer_records on events.account_record_key = customer_records.record_key
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ has_damaged_text(['page', 'referrer']) }} as has_damaged_text,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
