-- Twenty million rows a year without a key, so there are no versions of a row to choose from, and a
-- window over them would cost more than the rest of staging together. A file delivered again
-- replaces itself.
with newest_rows as (
    {{ newest_delivery('marketing', 'promotions') }}
),

renamed as (
    select
        coalesce(product_id, '') || '|' || coalesce(store_id, '') || '|'
        || coalesce({{ as_text('week') }}, '') || '|' || coalesce(display_location, '')
        || '|' || coalesce(mailer_location, '') as source_key,
        product_id is not null and store_id is not null and week is not null as has_source_key,
        'first' as party_data_class,
        product_id,
        store_id,
        week as promotion_week,
        display_location,
        mailer_location,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
