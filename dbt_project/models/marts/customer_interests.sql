with interests as (
    select * from {{ ref('unified_customer_interests') }}
)

select
    customer_id,
    as_of,
    product_category,
    spend_usd,
    spend_share,
    interest_index,
    order_days,
    spend_rank,
    interest_rank
from interests
order by customer_id, spend_rank
