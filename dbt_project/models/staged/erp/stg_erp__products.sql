with newest_rows as (
    {{ newest_version('erp', 'products', key=['product_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        product_id,
        {{ clean_text('manufacturer_id') }} as manufacturer_id,
        {{ clean_text('department') }} as department,
        {{ clean_text('brand') }} as brand,
        {{ clean_text('product_category') }} as product_category,
        {{ clean_text('product_type') }} as product_type,
        {{ clean_text('package_size') }} as package_size,
        cast(list_price as decimal(18, 2)) as list_price_usd,
        cast(unit_cost as decimal(18, 2)) as unit_cost_usd,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
