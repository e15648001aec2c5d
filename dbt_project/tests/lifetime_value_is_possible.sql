-- Prevents a customer with strange purchases from getting an infinite, negative or missing forecast, an interval
-- that does not hold its own forecast's order, or less in a year than in a month.
with forecasts as (
    select * from {{ ref('lifetime_value') }}
)

select customer_id
from forecasts
where
    not coalesce(
        lower_purchases_30d >= 0 and lower_purchases_30d <= upper_purchases_30d
        and lower_purchases_90d >= lower_purchases_30d and lower_purchases_90d <= upper_purchases_90d
        and lower_purchases_365d >= lower_purchases_90d and lower_purchases_365d <= upper_purchases_365d
        and lower_spend_30d_usd >= 0 and lower_spend_30d_usd <= upper_spend_30d_usd
        and lower_spend_90d_usd >= lower_spend_30d_usd and lower_spend_90d_usd <= upper_spend_90d_usd
        and lower_spend_365d_usd >= lower_spend_90d_usd and lower_spend_365d_usd <= upper_spend_365d_usd
        and expected_purchases_30d >= 0 and expected_purchases_90d >= expected_purchases_30d
        and expected_purchases_365d >= expected_purchases_90d and expected_purchases_365d < 1e9
        and expected_spend_30d_usd >= 0 and expected_spend_90d_usd >= expected_spend_30d_usd
        and expected_spend_365d_usd >= expected_spend_90d_usd and upper_spend_365d_usd < 1e12
        and expected_basket_usd >= 0 and coalesce(probability_alive, 0) between 0 and 1
        and reason <> '',
        false
    )
