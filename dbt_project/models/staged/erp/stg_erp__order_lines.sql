with newest_rows as (
    {{ newest_version('erp', 'order_lines', key=['order_id', 'line_number'],
        newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        source_key as order_line_id,
        order_id,
        line_number,
        product_id,
        quantity,
        cast(sales_value as decimal(18, 2)) as sales_usd,
        cast(retail_disc as decimal(18, 2)) as retail_discount_usd,
        cast(coupon_disc as decimal(18, 2)) as coupon_discount_usd,
        cast(coupon_match_disc as decimal(18, 2)) as coupon_match_discount_usd,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
