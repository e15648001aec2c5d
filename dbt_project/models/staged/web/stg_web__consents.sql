with newest_rows as (
    {{ newest_version('web', 'consents', key=['consent_id'], newest_by=['stated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'zero' as party_data_class,
        {{ own_id('web', 'consent_id') }} as consent_id,
        'web' as account_system,
        {{ clean_text('web_account_id') }} as account_key,
        case {{ clean_text('topic') }}
            when 'newsletter' then 'email'
            when 'personalisation' then 'any'
        end as channel,
        case {{ clean_text('topic') }}
            when 'newsletter' then 'marketing'
            when 'personalisation' then 'profiling'
            else {{ clean_text('topic') }}
        end as purpose,
        {{ consent_state('accepted') }} as state,
        {{ parse_timestamp('stated_at') }} as occurred_at,
        {{ raw_if_unread('stated_at', parse_timestamp) }} as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
