with newest_rows as (
    {{ newest_version('crm', 'leads', key=['lead_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        lead_id,
        {{ clean_text('full_name') }} as full_name,
        {{ clean_text('email') }} as email,
        {{ clean_text('phone') }} as phone,
        {{ clean_text('company') }} as company,
        {{ clean_text('stage') }} as stage,
        {{ clean_text('lead_source') }} as lead_source,
        cast(expected_value as decimal(18, 2)) as expected_value_usd,
        created_at,
        updated_at,
        cast(null as {{ dbt.type_string() }}) as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
