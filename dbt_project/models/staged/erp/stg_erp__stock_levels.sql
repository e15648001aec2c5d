with newest_rows as (
    {{ newest_version('erp', 'stock_levels', key=['product_id', 'store_id'],
        newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        product_id,
        store_id,
        on_hand as on_hand_units,
        on_order as on_order_units,
        next_delivery_on,
        lead_time_days,
        review_days,
        pack_size as pack_units,
        service_level,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
