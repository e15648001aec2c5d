{{ config(materialized='table') }}

with leads as (
    {{ all_sources('opportunities') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        leads.record_key,
        leads.source_system,
        leads.source_key,
        leads.has_source_key,
        leads.party_data_class,
        leads.lead_id,
        customer_records.record_key as customer_record_key,
        leads.stage,
        leads.lead_source,
        leads.expected_value_usd,
        leads.occurred_at,
        {{ is_later_than_a_day_after('leads.occurred_at', 'leads.loaded_at') }}
            as is_from_the_future,
        leads.updated_at,
        leads.unreadable_line
    from leads
    left join customer_records on leads.account_record_key = customer_records.record_key
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
