{{ config(materialized='table') }}

with mentions as (
    {{ all_sources('mentions') }}
),

conformed as (
    select
        record_key,
        source_system,
        source_key,
        has_source_key,
        party_data_class,
        mention_id,
        platform,
        author_handle,
        language,
        mention_text,
        rating,
        rating_raw,
        is_about_us,
        occurred_at,
        occurred_at_raw,
        {{ is_later_than_a_day_after('occurred_at', 'loaded_at') }} as is_from_the_future,
        unreadable_line
    from mentions
)

select * from conformed
