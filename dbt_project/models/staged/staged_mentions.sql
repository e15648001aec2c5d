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
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ has_damaged_text(['mention_text']) }} as has_damaged_text,
        {{ comes_twice(
            ['platform', 'author_handle', 'mention_text', 'occurred_at']
        ) }} as comes_twice,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
