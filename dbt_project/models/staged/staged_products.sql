with catalogue as (
    select * from {{ ref('stg_erp__products') }}
),

conformed as (
    select
        {{ record_key('erp', 'source_key') }} as record_key,
        'erp' as source_system,
        source_key,
        has_source_key,
        'first' as party_data_class,
        product_id,
        manufacturer_id,
        department,
        brand,
        product_category,
        product_type,
        package_size,
        list_price_usd,
        updated_at,
        unreadable_line
    from catalogue
)

select * from conformed
