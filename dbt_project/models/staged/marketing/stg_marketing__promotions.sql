-- Twenty million rows a year, written once and never changed: no versions to choose from, and a
-- window over them would cost more than the rest of staging together.
with source_rows as (
    select * from {{ source('marketing', 'promotions') }}
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
    from source_rows
)

select * from renamed
