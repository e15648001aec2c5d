with newest_rows as (
    {{ newest_version(
        'erp', 'accounts', key=['account_id'], newest_by=['updated_at'], deletions=true
    ) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        'customer' as record_kind,
        {{ clean_text('account_name') }} as full_name,
        {{ not_given('text') }} as given_name,
        {{ not_given('text') }} as family_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ clean_text('street') }} as street,
        {{ clean_text('city') }} as city,
        {{ clean_text('postcode') }} as postcode,
        {{ clean_text('country') }} as country,
        birth_date,
        {{ not_given('text') }} as birth_date_raw,
        {{ not_given('text') }} as gender,
        {{ not_given('text') }} as language,
        {{ clean_text('loyalty_card') }} as loyalty_card,
        {{ not_given('text') }} as device_id,
        {{ not_given('text') }} as company,
        created_at,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
