with forecast as (
    {{ newest_as_of(source('intelligence', 'demand_forecast')) }}
)

select
    series_id || '|' || {{ as_text('week_start') }} as forecast_id,
    series_id as product_category,
    as_of,
    week_start,
    horizon_weeks,
    round(forecast_units, 2) as forecast_units,
    round(lower_units, 2) as lower_units,
    round(upper_units, 2) as upper_units,
    round(naive_units, 2) as naive_units,
    served_by
from forecast
order by series_id, week_start
