with newest_rows as (
    {{ newest_version('erp', 'orders', key=['order_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        order_id,
        'erp' as account_system,
        account_id as account_key,
        store_id,
        channel,
        ordered_at as occurred_at,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
