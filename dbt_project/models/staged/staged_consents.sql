{{ config(materialized='table') }}

-- What people said when they were asked, one row per statement. Which one holds is decided in
-- unified_consents.
with statements as (
    {{ all_sources('consents') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        statements.record_key,
        statements.source_system,
        statements.source_key,
        statements.has_source_key,
        statements.party_data_class,
        statements.consent_id,
        statements.account_key,
        customer_records.record_key as customer_record_key,
        statements.channel,
        statements.purpose,
        statements.state,
        statements.occurred_at,
        statements.occurred_at_raw,
        {{ is_later_than_a_day_after('statements.occurred_at', 'statements.loaded_at') }}
            as is_from_the_future,
        statements.unreadable_line
    from statements
    left join customer_records on statements.account_record_key = customer_records.record_key
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ comes_twice(['account_key', 'channel', 'purpose', 'state', 'occurred_at']) }}
            as comes_twice,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
