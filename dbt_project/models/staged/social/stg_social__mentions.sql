with newest_rows as (
    {{ newest_version('social', 'mentions', key=['mention_id']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'third' as party_data_class,
        mention_id,
        {{ clean_text('platform') }} as platform,
        {{ clean_text('author_handle') }} as author_handle,
        {{ clean_text('language') }} as language,
        {{ clean_text('text') }} as mention_text,
        {{ to_integer('rating') }} as rating,
        {{ raw_if_unread('rating', to_integer) }} as rating_raw,
        {{ to_boolean('is_about_us') }} as is_about_us,
        {{ parse_timestamp('posted_at') }} as occurred_at,
        {{ raw_if_unread('posted_at', parse_timestamp) }} as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
