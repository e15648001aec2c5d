{{ config(materialized='view') }}

-- A view on purpose: twenty million rows a year that are read once a night, filtered.
with promotions as (
    select * from {{ ref('stg_marketing__promotions') }}
),

named as (
    select
        *,
        coalesce(product_id, '') || '|' || coalesce(store_id, '') || '|'
        || coalesce({{ as_text('promotion_week') }}, '') || '|' || coalesce(display_location, '')
        || '|' || coalesce(mailer_location, '') as source_key
    from promotions
),

conformed as (
    select
        {{ record_key('marketing', 'source_key') }} as record_key,
        'marketing' as source_system,
        source_key,
        product_id is not null
        and store_id is not null
        and promotion_week is not null as has_source_key,
        'first' as party_data_class,
        product_id,
        store_id,
        promotion_week,
        {{ add_days(first_promotion_week(), '7 * (promotion_week - 1)') }} as week_start,
        display_location,
        mailer_location,
        unreadable_line
    from named
)

select * from conformed
