with personas as (
    {{ of_the_run(source('intelligence', 'segment_personas')) }}
)

select
    behaviour_segment_id,
    behaviour_segment,
    as_of,
    customers,
    customer_share,
    cast(sales_84d_usd as decimal(18, 2)) as sales_84d_usd,
    sales_share,
    cast(sales_per_customer_usd as decimal(18, 2)) as sales_per_customer_usd,
    cast(basket_usd as decimal(18, 2)) as basket_usd,
    lines_per_basket,
    orders_per_customer,
    churn_probability,
    cast(expected_spend_365d_usd as decimal(18, 2)) as expected_spend_365d_usd,
    evidence,
    typical_basket,
    reasons_to_contact,
    card
from personas
order by behaviour_segment_id
