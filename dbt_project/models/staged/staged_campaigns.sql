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
)

select * from conformed
