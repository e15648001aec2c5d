with newest_rows as (
    {{ newest_version('helpdesk', 'users', key=['user_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        user_id,
        {{ clean_text('name') }} as full_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ clean_text('locale') }} as locale,
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        cast(null as {{ dbt.type_string() }}) as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
