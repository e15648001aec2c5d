with newest_rows as (
    {{ newest_version('erp', 'stock_outs', key=['product_id', 'store_id', 'out_from'],
        newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        product_id,
        store_id,
        out_from,
        out_until,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
