with newest_rows as (
    {{ newest_version('web', 'events', key=['event_id']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        event_id,
        'web' as account_system,
        {{ clean_text('web_account_id') }} as account_key,
        {{ clean_text('device_id') }} as device_id,
        {{ clean_text('session_id') }} as session_id,
        {{ clean_text('event_type') }} as event_type,
        {{ clean_text('page') }} as page,
        {{ clean_text('product_id') }} as product_id,
        {{ clean_text('referrer') }} as referrer,
        {{ clean_text('device_type') }} as device_type,
        {{ parse_timestamp('occurred_at') }} as occurred_at,
        {{ raw_if_unread('occurred_at', parse_timestamp) }} as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
