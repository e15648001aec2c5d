-- Who to talk to first. Equal losses are told apart by the probability, then by the key, so that a
-- rank never depends on how ties happened to be ordered.
with at_risk as (
    select * from {{ ref('churn_scores') }}
    where is_at_risk
)

select
    row_number() over (
        order by expected_loss_usd desc, churn_probability desc, customer_id
    ) as warning_rank,
    customer_id,
    as_of,
    churn_probability,
    expected_spend_usd,
    expected_loss_usd,
    reason,
    reasons
from at_risk
order by warning_rank
