with newest_rows as (
    {{ newest_version('crm', 'consents', key=['consent_id'], newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'zero' as party_data_class,
        {{ own_id('crm', 'consent_id') }} as consent_id,
        'crm' as account_system,
        {{ clean_text('contact_id') }} as account_key,
        lower({{ clean_text('channel') }}) as channel,
        lower({{ clean_text('purpose') }}) as purpose,
        {{ consent_state('state') }} as state,
        stated_at as occurred_at,
        {{ not_given('text') }} as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
