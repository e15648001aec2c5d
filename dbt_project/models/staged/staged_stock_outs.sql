{{ config(materialized='table') }}

with periods as (
    {{ all_sources('stock_outs') }}
),

conformed as (
    select
        record_key,
        source_system,
        source_key,
        has_source_key,
        party_data_class,
        product_id,
        store_id,
        out_from,
        out_until,
        {{ is_longer_than_a_year('out_from', 'out_until') }} as is_longer_than_a_year,
        updated_at,
        unreadable_line
    from periods
)

select * from conformed
