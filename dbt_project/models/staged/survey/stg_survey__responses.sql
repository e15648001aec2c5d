with newest_rows as (
    {{ newest_version('survey', 'responses', key=['response_id']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'zero' as party_data_class,
        response_id,
        'loyalty' as account_system,
        {{ clean_text('card_number') }} as account_key,
        {{ clean_text('email') }} as email,
        {{ clean_text('survey') }} as survey,
        {{ clean_text('question') }} as question,
        {{ to_integer('score') }} as score,
        {{ raw_if_unread('score', to_integer) }} as score_raw,
        {{ clean_text('comment') }} as comment,
        {{ parse_timestamp('answered_at') }} as occurred_at,
        {{ raw_if_unread('answered_at', parse_timestamp) }} as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
