with newest_rows as (
    {{ newest_version('loyalty', 'members', key=['card_number'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        'customer' as record_kind,
        {{ clean_text('member_name') }} as full_name,
        {{ not_given('text') }} as given_name,
        {{ not_given('text') }} as family_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ clean_text('street') }} as street,
        {{ clean_text('city') }} as city,
        {{ clean_text('postcode') }} as postcode,
        {{ not_given('text') }} as country,
        {{ parse_date('birth_date') }} as birth_date,
        {{ raw_if_unread('birth_date', parse_date) }} as birth_date_raw,
        {{ not_given('text') }} as gender,
        {{ not_given('text') }} as language,
        card_number as loyalty_card,
        {{ not_given('text') }} as device_id,
        {{ not_given('text') }} as company,
        {{ parse_timestamp('joined_at') }} as created_at,
        {{ parse_timestamp('updated_at') }} as updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
