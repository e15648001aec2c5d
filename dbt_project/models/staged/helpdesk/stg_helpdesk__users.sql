with newest_rows as (
    {{ newest_version('helpdesk', 'users', key=['user_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        'contact' as record_kind,
        {{ clean_text('name') }} as full_name,
        {{ not_given('text') }} as given_name,
        {{ not_given('text') }} as family_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ not_given('text') }} as street,
        {{ not_given('text') }} as city,
        {{ not_given('text') }} as postcode,
        {{ not_given('text') }} as country,
        {{ not_given('date') }} as birth_date,
        {{ not_given('text') }} as birth_date_raw,
        {{ not_given('text') }} as gender,
        {{ clean_text('locale') }} as language,
        {{ not_given('text') }} as loyalty_card,
        {{ not_given('text') }} as device_id,
        {{ not_given('text') }} as company,
        {{ parse_timestamp('created_at') }} as created_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        {{ not_given('text') }} as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
