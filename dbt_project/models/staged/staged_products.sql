{{ config(materialized='table') }}

with catalogue as (
    {{ all_sources('products') }}
),

conformed as (
    select
        record_key,
        source_system,
        source_key,
        has_source_key,
        party_data_class,
        product_id,
        manufacturer_id,
        department,
        brand,
        product_category,
        product_type,
        package_size,
        list_price_usd,
        unit_cost_usd,
        updated_at,
        unreadable_line
    from catalogue
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ has_damaged_text(
            ['department', 'brand', 'product_category', 'product_type']
        ) }} as has_damaged_text,
        {{ has_placeholder_text(
            ['department', 'brand', 'product_category', 'product_type']
        ) }} as has_placeholder_text
    from conformed
)

select * from judged
