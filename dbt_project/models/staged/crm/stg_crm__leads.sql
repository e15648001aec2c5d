with newest_rows as (
    {{ newest_version('crm', 'leads', key=['lead_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        lead_id,
        'crm' as account_system,
        'lead:' || source_key as account_key,
        {{ clean_text('stage') }} as stage,
        {{ clean_text('lead_source') }} as lead_source,
        cast(expected_value as decimal(18, 2)) as expected_value_usd,
        created_at as occurred_at,
        updated_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
