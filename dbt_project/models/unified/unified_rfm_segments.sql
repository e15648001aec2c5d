-- Recency, frequency and money of the year up to the run's day, each scored 1 to 5 by fifths. Equal
-- values get equal scores (percent_rank, not ntile), so a score never depends on how ties happened
-- to be ordered.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

year_of_purchases as (
    select
        days.customer_id,
        run_date.as_of,
        min({{ days_between('days.order_date', 'run_date.as_of') }}) as recency_days,
        max({{ days_between('days.order_date', 'run_date.as_of') }}) as tenure_days,
        sum(days.orders) as orders_365d,
        sum(days.sales_usd) as spend_365d
    from {{ ref('unified_customer_days') }} as days
    inner join run_date
        on days.order_date <= run_date.as_of
        and days.order_date > {{ add_days('run_date.as_of', -365) }}
    group by days.customer_id, run_date.as_of
),

ranked as (
    select
        *,
        percent_rank() over (order by recency_days desc) as recency_rank,
        percent_rank() over (order by orders_365d) as frequency_rank,
        percent_rank() over (order by spend_365d) as monetary_rank
    from year_of_purchases
),

scored as (
    select
        customer_id,
        as_of,
        cast(recency_days as bigint) as recency_days,
        cast(tenure_days as bigint) as tenure_days,
        cast(orders_365d as bigint) as orders_365d,
        cast(spend_365d as decimal(18, 2)) as spend_365d_usd,
        {{ fifth('recency_rank') }} as recency_score,
        {{ fifth('frequency_rank') }} as frequency_score,
        {{ fifth('monetary_rank') }} as monetary_score
    from ranked
),

-- Read from the top: the first name that fits is the customer's.
named as (
    select
        *,
        case
            when recency_score >= 4 and frequency_score >= 4 and monetary_score >= 4
                then 'champions'
            when recency_score >= 3 and frequency_score >= 4 then 'loyal'
            when recency_score <= 2 and frequency_score >= 4 then 'slipping away'
            when recency_score >= 3 and monetary_score >= 4 then 'big baskets'
            when recency_score >= 4 and tenure_days <= 90 then 'new'
            when recency_score >= 4 then 'promising'
            when recency_score = 3 then 'needs attention'
            when monetary_score >= 3 then 'at risk'
            else 'asleep'
        end as rfm_segment
    from scored
)

select * from named
order by customer_id
