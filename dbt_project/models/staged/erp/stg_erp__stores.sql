with newest_rows as (
    {{ newest_version('erp', 'stores', key=['store_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        store_id,
        {{ clean_text('store_name') }} as store_name,
        {{ clean_text('city') }} as city,
        opened_on,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
