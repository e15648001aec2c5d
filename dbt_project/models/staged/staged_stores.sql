{{ config(materialized='table') }}

with shops as (
    {{ all_sources('stores') }}
),

conformed as (
    select
        record_key,
        source_system,
        source_key,
        has_source_key,
        party_data_class,
        store_id,
        store_name,
        city,
        opened_on,
        updated_at,
        unreadable_line
    from shops
)

select * from conformed
