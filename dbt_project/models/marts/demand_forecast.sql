with forecast as (
    {{ newest_as_of(source('intelligence', 'demand_forecast')) }}
)

select
    frequency || '|' || level || '|' || series_id || '|' || {{ as_text('period_start') }} as forecast_id,
    frequency,
    level,
    series_id,
    as_of,
    period_start,
    horizon,
    round(forecast_units, 2) as forecast_units,
    round(lower_80_units, 2) as lower_80_units,
    round(upper_80_units, 2) as upper_80_units,
    round(lower_95_units, 2) as lower_95_units,
    round(upper_95_units, 2) as upper_95_units,
    round(naive_units, 2) as naive_units,
    model,
    reason,
    series_class
from forecast
where level is not null
order by forecast_id
