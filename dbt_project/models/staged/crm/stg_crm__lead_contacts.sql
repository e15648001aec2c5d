-- The person behind a lead. Leads are numbered apart from contacts.
with newest_rows as (
    {{ newest_version('crm', 'leads', key=['lead_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        'lead:' || source_key as source_key,
        has_source_key,
        'first' as party_data_class,
        'lead' as record_kind,
        {{ clean_text('full_name') }} as full_name,
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
        {{ not_given('text') }} as language,
        {{ not_given('text') }} as loyalty_card,
        {{ not_given('text') }} as device_id,
        {{ clean_text('company') }} as company,
        created_at,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
