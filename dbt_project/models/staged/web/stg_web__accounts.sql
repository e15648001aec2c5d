with newest_rows as (
    {{ newest_version('web', 'accounts', key=['web_account_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        web_account_id,
        {{ clean_text('display_name') }} as full_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ clean_text('device_id') }} as device_id,
        {{ parse_timestamp('registered_at') }} as registered_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
