-- Where each customer stood at each of the dates: prospect, new, active, loyal, at risk, lapsed or
-- won back. Silence is measured by the customer's own rhythm, as known by then (see
-- macros/segments/silence_limit.sql); nothing later than the date is read.
{%- set lifecycle = var('lifecycle') %}
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

dates as (
    select * from {{ ref('unified_lifecycle_dates') }}
),

order_days as (
    select
        days.customer_id,
        days.order_date,
        {{ days_between("date '1970-01-01'", 'days.order_date') }} as day_number
    from {{ ref('unified_customer_days') }} as days
    inner join run_date on days.order_date <= run_date.as_of
),

-- How regular the customer was on each order day, and how many days the silence before it took.
numbered as (
    select
        customer_id,
        order_date,
        min(order_date) over (partition by customer_id) as first_order_date,
        lead(order_date) over (partition by customer_id order by order_date) as next_order_date,
        row_number() over (partition by customer_id order by order_date) as order_days,
        day_number - min(day_number) over (partition by customer_id) as days_since_first,
        day_number - lag(day_number) over (partition by customer_id order by order_date)
            as days_since_previous,
        count(*) over (
            partition by customer_id order by day_number
            range between {{ lifecycle.loyal.within_days - 1 }} preceding and current row
        ) as recent_order_days
    from order_days
),

rhythm as (
    select
        *,
        coalesce(
            {{ as_ratio('days_since_first', 'order_days - 1') }}, {{ lifecycle.usual_gap_days }}
        ) as usual_gap_days,
        -- as it was before this order
        coalesce(
            {{ as_ratio('days_since_first - days_since_previous', 'order_days - 2') }},
            {{ lifecycle.usual_gap_days }}
        ) as usual_gap_days_before
    from numbered
),

returns as (
    select
        *,
        max(case
            when days_since_previous > {{ silence_limit('lapsed', 'usual_gap_days_before') }}
                then order_date
        end) over (
            partition by customer_id order by order_date
            rows between unbounded preceding and current row
        ) as last_return_date
    from rhythm
),

-- The newest order day by each date stands for everything before it.
buyers as (
    select
        returns.customer_id,
        dates.as_of,
        dates.is_month_end,
        {{ days_between('returns.order_date', 'dates.as_of') }} as recency_days,
        {{ days_between('returns.first_order_date', 'dates.as_of') }} as tenure_days,
        {{ days_between('returns.last_return_date', 'dates.as_of') }} as days_since_return,
        returns.order_days,
        returns.recent_order_days,
        returns.usual_gap_days,
        round({{ silence_limit('at_risk', 'returns.usual_gap_days') }}, 1) as at_risk_after_days,
        round({{ silence_limit('lapsed', 'returns.usual_gap_days') }}, 1) as lapsed_after_days
    from returns
    inner join dates
        on returns.order_date <= dates.as_of
        and (returns.next_order_date is null or returns.next_order_date > dates.as_of)
),

staged_buyers as (
    select
        *,
        case
            when recency_days > lapsed_after_days then 'lapsed'
            when recency_days > at_risk_after_days then 'at risk'
            when days_since_return < {{ lifecycle.won_back_days }} then 'won back'
            when tenure_days < {{ lifecycle.new_days }} then 'new'
            when
                recent_order_days >= {{ lifecycle.loyal.order_days }}
                and tenure_days >= {{ lifecycle.loyal.within_days }}
                then 'loyal'
            else 'active'
        end as lifecycle_stage
    from buyers
),

known_people as (
    select
        customers.customer_id,
        dates.as_of,
        dates.is_month_end
    from {{ ref('unified_customers') }} as customers
    inner join run_date on 1 = 1
    inner join dates
        on cast(customers.first_seen_at as date) <= dates.as_of
        or dates.as_of = run_date.as_of
),

stages as (
    select
        coalesce(staged_buyers.customer_id, known_people.customer_id) as customer_id,
        coalesce(staged_buyers.as_of, known_people.as_of) as as_of,
        coalesce(staged_buyers.is_month_end, known_people.is_month_end) as is_month_end,
        coalesce(staged_buyers.lifecycle_stage, 'prospect') as lifecycle_stage,
        staged_buyers.recency_days,
        cast(coalesce(staged_buyers.order_days, 0) as bigint) as order_days,
        case when staged_buyers.order_days > 1 then staged_buyers.usual_gap_days end as usual_gap_days,
        staged_buyers.at_risk_after_days,
        staged_buyers.lapsed_after_days
    from known_people
    full outer join staged_buyers
        on known_people.customer_id = staged_buyers.customer_id
        and known_people.as_of = staged_buyers.as_of
)

select * from stages
order by as_of, customer_id
