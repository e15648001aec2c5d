with newest_rows as (
    {{ newest_version('callcentre', 'calls', key=['call_id']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        call_id,
        'crm' as account_system,
        {{ clean_text('contact_id') }} as account_key,
        {{ clean_text('caller_phone') }} as caller_phone,
        {{ clean_text('agent') }} as agent,
        {{ clean_text('reason') }} as reason,
        {{ clean_text('language') }} as language,
        transcript,
        {{ parse_timestamp('started_at') }} as occurred_at,
        {{ raw_if_unread('started_at', parse_timestamp) }} as occurred_at_raw,
        {{ to_integer('duration_s') }} as duration_s,
        {{ raw_if_unread('duration_s', to_integer) }} as duration_s_raw,
        {{ to_integer('post_call_score') }} as post_call_score,
        {{ raw_if_unread('post_call_score', to_integer) }} as post_call_score_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
