with newest_rows as (
    {{ newest_version('erp', 'coupons', key=['coupon_upc', 'product_id', 'campaign_id'],
        newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        coupon_upc,
        product_id,
        campaign_id,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
