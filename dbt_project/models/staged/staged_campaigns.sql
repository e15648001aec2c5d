{{ config(materialized='table') }}

with campaigns as (
    {{ all_sources('campaigns') }}
),

conformed as (
    select
        record_key,
        source_system,
        source_key,
        has_source_key,
        party_data_class,
        campaign_id,
        campaign_type,
        start_date,
        end_date,
        updated_at,
        unreadable_line
    from campaigns
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ is_longer_than_a_year('start_date', 'end_date') }} as is_longer_than_a_year,
        {{ is_before_the_company('start_date') }} as is_before_the_company
    from conformed
)

select * from judged
