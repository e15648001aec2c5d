with customer_360 as (
    select * from {{ ref('unified_customer_360') }}
)

select
    customer_id,
    household_id,
    as_of,
    customer_kind,
    language,
    country,
    age_band,
    income_band,
    household_size,
    record_count,
    source_system_count,
    match_probability,
    first_order_date,
    last_order_date,
    orders,
    sales_usd,
    sales_84d_usd,
    recency_days,
    tenure_days,
    basket_usd,
    discount_share_84d,
    web_sessions,
    tickets,
    complaints,
    calls,
    campaign_touches,
    last_nps,
    last_csat
from customer_360
order by customer_id
