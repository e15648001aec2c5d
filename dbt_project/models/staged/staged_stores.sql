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
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ has_damaged_text(['store_name', 'city']) }} as has_damaged_text,
        {{ has_placeholder_text(['store_name', 'city']) }} as has_placeholder_text,
        {{ is_before_the_company('opened_on') }} as is_before_the_company
    from conformed
)

select * from judged
