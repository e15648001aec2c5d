with answers as (
    {{ newest_as_of(source('intelligence', 'lifetime_value')) }}
)

select
    customer_id,
    as_of,
    model,
    round(probability_alive, 6) as probability_alive,
    round(expected_basket_usd, 2) as expected_basket_usd,
    model_30d,
    round(expected_purchases_30d, 6) as expected_purchases_30d,
    round(lower_purchases_30d, 6) as lower_purchases_30d,
    round(upper_purchases_30d, 6) as upper_purchases_30d,
    round(expected_spend_30d_usd, 2) as expected_spend_30d_usd,
    round(lower_spend_30d_usd, 2) as lower_spend_30d_usd,
    round(upper_spend_30d_usd, 2) as upper_spend_30d_usd,
    round(baseline_spend_30d_usd, 2) as baseline_spend_30d_usd,
    model_90d,
    round(expected_purchases_90d, 6) as expected_purchases_90d,
    round(lower_purchases_90d, 6) as lower_purchases_90d,
    round(upper_purchases_90d, 6) as upper_purchases_90d,
    round(expected_spend_90d_usd, 2) as expected_spend_90d_usd,
    round(lower_spend_90d_usd, 2) as lower_spend_90d_usd,
    round(upper_spend_90d_usd, 2) as upper_spend_90d_usd,
    round(baseline_spend_90d_usd, 2) as baseline_spend_90d_usd,
    model_365d,
    round(expected_purchases_365d, 6) as expected_purchases_365d,
    round(lower_purchases_365d, 6) as lower_purchases_365d,
    round(upper_purchases_365d, 6) as upper_purchases_365d,
    round(expected_spend_365d_usd, 2) as expected_spend_365d_usd,
    round(lower_spend_365d_usd, 2) as lower_spend_365d_usd,
    round(upper_spend_365d_usd, 2) as upper_spend_365d_usd,
    round(baseline_spend_365d_usd, 2) as baseline_spend_365d_usd,
    reason
from answers
order by customer_id
