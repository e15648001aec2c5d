with newest_rows as (
    {{ newest_version('erp', 'accounts', key=['account_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        account_id,
        {{ clean_text('account_name') }} as full_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ clean_text('street') }} as street,
        {{ clean_text('city') }} as city,
        {{ clean_text('postcode') }} as postcode,
        {{ clean_text('country') }} as country,
        birth_date,
        {{ clean_text('loyalty_card') }} as loyalty_card,
        created_at,
        updated_at,
        cast(null as {{ dbt.type_string() }}) as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
