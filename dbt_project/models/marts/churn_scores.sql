with scores as (
    {{ newest_as_of(source('intelligence', 'churn_scores')) }}
)

select
    customer_id,
    as_of,
    model,
    round(churn_probability, 6) as churn_probability,
    round(baseline_probability, 6) as baseline_probability,
    is_at_risk,
    cast(expected_spend_usd as decimal(18, 2)) as expected_spend_usd,
    cast(expected_loss_usd as decimal(18, 2)) as expected_loss_usd,
    reason,
    reasons
from scores
order by customer_id
