with newest_rows as (
    {{ newest_version('crm', 'contacts', key=['contact_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        contact_id,
        {{ clean_text('given_name') }} as given_name,
        {{ clean_text('family_name') }} as family_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ clean_text('street') }} as street,
        {{ clean_text('city') }} as city,
        {{ clean_text('postcode') }} as postcode,
        {{ clean_text('country') }} as country,
        {{ parse_date('birth_date') }} as birth_date,
        {{ raw_if_unread('birth_date', parse_date) }} as birth_date_raw,
        {{ clean_text('gender') }} as gender,
        {{ clean_text('language') }} as language,
        created_at,
        updated_at,
        cast(null as {{ dbt.type_string() }}) as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
