with newest_rows as (
    {{ newest_version('erp', 'orders', key=['order_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        order_id,
        account_id,
        store_id,
        channel,
        ordered_at,
        updated_at,
        cast(null as {{ dbt.type_string() }}) as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
