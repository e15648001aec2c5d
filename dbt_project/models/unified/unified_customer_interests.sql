-- The categories that matter to each customer in the days up to the run: those with most of the
-- money, and those that set the customer apart. The latter are ranked by their share of the
-- customer's money times the logarithm of how much larger it is than everybody's: what the category
-- adds to the Kullback-Leibler divergence of the customer's basket from all baskets.
{%- set interests = var('interests') %}
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

-- Categories that name no interest (a till's rest) say nothing about anybody.
spent as (
    select
        days.customer_id,
        run_date.as_of,
        days.product_category,
        sum(days.bought_usd) as spend_usd,
        count(distinct days.order_date) as order_days
    from {{ ref('unified_category_days') }} as days
    inner join run_date
        on days.order_date <= run_date.as_of
        and days.order_date > {{ add_days('run_date.as_of', -interests.within_days) }}
    where days.product_category is not null
        and days.product_category not in ('{{ interests.without_meaning | join("', '") }}')
    group by days.customer_id, run_date.as_of, days.product_category
    having sum(days.bought_usd) > 0
),

everybody as (
    select
        product_category,
        sum(spend_usd) as category_spend_usd,
        sum(sum(spend_usd)) over () as all_spend_usd
    from spent
    group by product_category
),

shares as (
    select
        spent.customer_id,
        spent.as_of,
        spent.product_category,
        spent.spend_usd,
        spent.order_days,
        {{ as_ratio(
            'spent.spend_usd', 'sum(spent.spend_usd) over (partition by spent.customer_id)'
        ) }} as spend_share,
        {{ as_ratio('everybody.category_spend_usd', 'everybody.all_spend_usd') }} as usual_share
    from spent
    inner join everybody on spent.product_category = everybody.product_category
),

weighed as (
    select
        *,
        {{ as_ratio('spend_share', 'usual_share') }} as interest_index,
        order_days >= {{ interests.least_order_days }}
        and spend_share >= {{ interests.least_share }}
        and spend_share >= {{ interests.least_index }} * usual_share
        and usual_share > 0 as is_interest
    from shares
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id order by spend_usd desc, product_category
        ) as spend_rank,
        case when is_interest then row_number() over (
            partition by customer_id, is_interest
            order by
                round(spend_share * ln(nullif(interest_index, 0)), 6) desc nulls last, product_category
        ) end as interest_rank
    from weighed
)

select
    customer_id,
    as_of,
    product_category,
    cast(spend_usd as decimal(18, 2)) as spend_usd,
    spend_share,
    interest_index,
    cast(order_days as bigint) as order_days,
    cast(spend_rank as bigint) as spend_rank,
    cast(interest_rank as bigint) as interest_rank
from ranked
where spend_rank <= {{ interests.kept }} or interest_rank <= {{ interests.kept }}
order by customer_id, spend_rank
