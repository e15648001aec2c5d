with notes as (
    {{ newest_as_of(source('intelligence', 'demand_notes')) }}
)

select
    product_category,
    as_of,
    forecast_units,
    usual_units,
    change_share,
    level_change,
    promoted_ahead,
    promoted_recent,
    price_change,
    closed_days_ahead,
    closed_days_recent,
    holidays_ahead,
    holidays_recent,
    previous_as_of,
    revision,
    moved,
    note
from notes
order by product_category
