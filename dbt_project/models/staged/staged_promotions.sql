-- A view on purpose: twenty million rows a year that are read once a night, filtered.
with promotions as (
    {{ all_sources('promotions') }}
),

conformed as (
    select
        record_key,
        source_system,
        source_key,
        has_source_key,
        party_data_class,
        product_id,
        store_id,
        promotion_week,
        {{ add_days(first_promotion_week(), '7 * (promotion_week - 1)') }} as week_start,
        display_location,
        mailer_location,
        unreadable_line
    from promotions
)

select * from conformed
