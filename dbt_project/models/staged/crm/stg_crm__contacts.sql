with newest_rows as (
    {{ newest_version(
        'crm', 'contacts', key=['contact_id'], newest_by=['updated_at'], deletions=true
    ) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        'contact' as record_kind,
        {{ not_given('text') }} as full_name,
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
        {{ not_given('text') }} as loyalty_card,
        {{ not_given('text') }} as device_id,
        {{ not_given('text') }} as company,
        created_at,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
