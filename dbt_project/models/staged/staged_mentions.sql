with mentions as (
    select * from {{ ref('stg_social__mentions') }}
),

conformed as (
    select
        {{ record_key('social', 'source_key') }} as record_key,
        'social' as source_system,
        source_key,
        has_source_key,
        'third' as party_data_class,
        mention_id,
        platform,
        author_handle,
        language,
        mention_text,
        rating,
        rating_raw,
        is_about_us,
        posted_at as occurred_at,
        posted_at_raw as occurred_at_raw,
        {{ is_later_than_a_day_after('posted_at', 'loaded_at') }} as is_from_the_future,
        unreadable_line
    from mentions
)

select * from conformed
