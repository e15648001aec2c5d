-- One row per customer as of the run's day: who, what they bought, how they were served. No
-- identifiers.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

customers as (
    select * from {{ ref('unified_customers') }}
),

assignments as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

-- Several cards may lead to one customer: the newest file decides, then the card.
bureau as (
    select
        assignments.customer_id,
        demographics.age_band,
        demographics.income_band,
        demographics.household_size,
        row_number() over (
            partition by assignments.customer_id
            order by demographics.updated_at desc nulls last, demographics.record_key
        ) as preference
    from {{ ref('validated_demographics') }} as demographics
    inner join assignments on demographics.customer_record_key = assignments.record_key
),

purchases as (
    select
        days.customer_id,
        min(days.order_date) as first_order_date,
        max(days.order_date) as last_order_date,
        sum(days.orders) as orders,
        sum(days.sales_usd) as sales_usd
    from {{ ref('unified_customer_days') }} as days
    inner join run_date on days.order_date <= run_date.as_of
    group by days.customer_id
),

activities as (
    select
        activity.customer_id,
        sum(case when activity.activity = 'web_session' then activity.activity_count else 0 end)
            as web_sessions,
        sum(case
            when activity.activity in ('ticket', 'complaint') then activity.activity_count else 0
        end) as tickets,
        sum(case when activity.activity = 'complaint' then activity.activity_count else 0 end)
            as complaints,
        sum(case when activity.activity = 'call' then activity.activity_count else 0 end) as calls,
        sum(case when activity.activity = 'touch_sent' then activity.activity_count else 0 end)
            as touches
    from {{ ref('unified_customer_activity') }} as activity
    inner join run_date
        on activity.activity_date <= run_date.as_of
        and activity.known_on <= run_date.as_of
    group by activity.customer_id
),

features as (
    select features.*
    from {{ ref('unified_customer_features') }} as features
    inner join run_date on features.as_of = run_date.as_of
),

aged as (
    select
        customers.*,
        run_date.as_of,
        {{ age_in_years('customers.birth_date', 'run_date.as_of') }} as age_years
    from customers
    cross join run_date
),

view_360 as (
    select
        aged.customer_id,
        aged.household_id,
        aged.as_of,
        case
            when purchases.orders > 0 then 'customer'
            when aged.is_lead then 'lead'
            else 'prospect'
        end as customer_kind,
        aged.language,
        aged.country,
        coalesce(
            case
                when aged.age_years is null or aged.age_years not between 19 and 110 then null
                when aged.age_years < 25 then '19-24'
                when aged.age_years < 35 then '25-34'
                when aged.age_years < 45 then '35-44'
                when aged.age_years < 55 then '45-54'
                when aged.age_years < 65 then '55-64'
                else '65+'
            end,
            bureau.age_band
        ) as age_band,
        bureau.income_band,
        bureau.household_size,
        aged.record_count,
        aged.source_system_count,
        aged.match_probability,
        aged.first_seen_at,
        purchases.first_order_date,
        purchases.last_order_date,
        cast(coalesce(purchases.orders, 0) as bigint) as orders,
        cast(coalesce(purchases.sales_usd, 0) as decimal(18, 2)) as sales_usd,
        cast(features.spend_84d as decimal(18, 2)) as sales_84d_usd,
        {{ days_between('purchases.last_order_date', 'aged.as_of') }} as recency_days,
        {{ days_between('purchases.first_order_date', 'aged.as_of') }} as tenure_days,
        features.basket_usd,
        features.discount_share_84d,
        cast(coalesce(activities.web_sessions, 0) as bigint) as web_sessions,
        cast(coalesce(activities.tickets, 0) as bigint) as tickets,
        cast(coalesce(activities.complaints, 0) as bigint) as complaints,
        cast(coalesce(activities.calls, 0) as bigint) as calls,
        cast(coalesce(activities.touches, 0) as bigint) as campaign_touches,
        cast(features.last_nps as bigint) as last_nps,
        cast(features.last_csat as bigint) as last_csat,
        rfm.rfm_segment
    from aged
    left join bureau on aged.customer_id = bureau.customer_id and bureau.preference = 1
    left join purchases on aged.customer_id = purchases.customer_id
    left join activities on aged.customer_id = activities.customer_id
    left join features on aged.customer_id = features.customer_id
    left join {{ ref('unified_rfm_segments') }} as rfm on aged.customer_id = rfm.customer_id
)

select * from view_360
order by customer_id
