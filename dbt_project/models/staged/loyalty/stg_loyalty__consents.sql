-- A box of the form has no number of its own: card, box and time name the statement.
with newest_rows as (
    {{ newest_version('loyalty', 'consents', key=['card_number', 'box', 'signed_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'zero' as party_data_class,
        {{ own_id('loyalty', 'source_key') }} as consent_id,
        'loyalty' as account_system,
        {{ clean_text('card_number') }} as account_key,
        case {{ clean_text('box') }} when 'profiling' then 'any' else {{ clean_text('box') }} end
            as channel,
        case {{ clean_text('box') }} when 'profiling' then 'profiling' else 'marketing' end
            as purpose,
        {{ consent_state('ticked') }} as state,
        {{ parse_timestamp('signed_at') }} as occurred_at,
        {{ raw_if_unread('signed_at', parse_timestamp) }} as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
