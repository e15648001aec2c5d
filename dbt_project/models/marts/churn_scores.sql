with scores as (
    {{ newest_as_of(source('intelligence', 'churn_scores')) }}
)

select
    customer_id,
    as_of,
    round(churn_probability, 6) as churn_probability,
    round(baseline_probability, 6) as baseline_probability,
    is_at_risk,
    reason
from scores
order by customer_id
