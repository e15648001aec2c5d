-- Twenty million rows a year without a key, so there are no versions of a row to choose from, and a
-- window over them would cost more than the rest of staging together. A file delivered again
-- replaces itself.
with newest_rows as (
    {{ newest_delivery('marketing', 'promotions') }}
),

renamed as (
    select
        product_id,
        store_id,
        display_location,
        mailer_location,
        week as promotion_week,
        _unreadable as unreadable_line,
        _source_file as source_file,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
