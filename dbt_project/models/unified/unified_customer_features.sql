-- What was known of each customer at the end of each feature date. Every join carries the date of
-- the event and keeps only events up to `as_of`: nothing here can see the future.
with feature_dates as (
    select as_of from {{ ref('unified_feature_dates') }}
),

purchase_days as (
    select
        days.*,
        feature_dates.as_of,
        {{ days_between('days.order_date', 'feature_dates.as_of') }} as days_ago
    from {{ ref('unified_customer_days') }} as days
    inner join feature_dates on days.order_date <= feature_dates.as_of
),

purchases as (
    select
        customer_id,
        as_of,
        min(days_ago) as recency_days,
        max(days_ago) as tenure_days,
        count(*) as order_days,
        sum(orders) as orders_ever,
        sum(sales_usd) as spend_ever,
        {{ sum_in_window('orders', 28) }} as orders_28d,
        {{ sum_in_window('orders', 84) }} as orders_84d,
        {{ sum_in_window('sales_usd', 28) }} as spend_28d,
        {{ sum_in_window('sales_usd', 84) }} as spend_84d,
        {{ sum_in_window('sales_usd', 168, 84) }} as spend_prior_84d,
        {{ sum_in_window('retail_discount_usd', 84) }} as retail_discount_84d,
        {{ sum_in_window('coupon_orders', 84) }} as coupon_orders_84d,
        {{ sum_in_window('private_brand_sales_usd', 84) }} as private_brand_spend_84d,
        {{ sum_in_window('weekend_orders', 84) }} as weekend_orders_84d
    from purchase_days
    group by customer_id, as_of
),

category_days as (
    select distinct
        customer_id,
        order_date,
        product_category
    from {{ ref('unified_order_lines') }}
    where customer_id is not null
),

categories as (
    select
        category_days.customer_id,
        feature_dates.as_of,
        count(distinct category_days.product_category) as distinct_categories_84d
    from category_days
    inner join feature_dates
        on category_days.order_date <= feature_dates.as_of
        and category_days.order_date > {{ add_days('feature_dates.as_of', -84) }}
    group by category_days.customer_id, feature_dates.as_of
),

activity_days as (
    select
        activity.*,
        feature_dates.as_of,
        {{ days_between('activity.activity_date', 'feature_dates.as_of') }} as days_ago,
        row_number() over (
            partition by activity.customer_id, feature_dates.as_of, activity.activity
            order by activity.activity_date desc
        ) as newest_first
    from {{ ref('unified_customer_activity') }} as activity
    inner join feature_dates
        on activity.activity_date <= feature_dates.as_of
        and activity.known_on <= feature_dates.as_of
),

activities as (
    select
        customer_id,
        as_of,
        {{ sum_in_window('activity_count', 28, activity=['web_session']) }} as web_sessions_28d,
        {{ sum_in_window('activity_count', 84, activity=['web_session']) }} as web_sessions_84d,
        {{ sum_in_window('activity_count', 84, activity=['ticket', 'complaint']) }} as tickets_84d,
        {{ sum_in_window('activity_count', 84, activity=['complaint']) }} as complaints_84d,
        {{ sum_in_window('activity_count', 84, activity=['call']) }} as calls_84d,
        {{ sum_in_window('activity_count', 84, activity=['touch_sent']) }} as touches_84d,
        {{ sum_in_window('activity_count', 84, activity=['touch_opened']) }} as opens_84d,
        {{ sum_in_window('activity_count', 84, activity=['touch_clicked']) }} as clicks_84d,
        max(case when activity = 'nps' and newest_first = 1 then last_score end) as last_nps,
        max(case when activity = 'csat' and newest_first = 1 then last_score end) as last_csat
    from activity_days
    group by customer_id, as_of
),

-- A share of nothing is 0; a gap between fewer than two days and a score nobody gave stay empty.
features as (
    select
        purchases.customer_id,
        purchases.as_of,
        cast(purchases.recency_days as double) as recency_days,
        cast(purchases.tenure_days as double) as tenure_days,
        cast(purchases.orders_28d as double) as orders_28d,
        cast(purchases.orders_84d as double) as orders_84d,
        cast(purchases.spend_28d as double) as spend_28d,
        cast(purchases.spend_84d as double) as spend_84d,
        cast(purchases.spend_prior_84d as double) as spend_prior_84d,
        {{ as_ratio(
            'purchases.tenure_days - purchases.recency_days', 'purchases.order_days - 1'
        ) }} as mean_gap_days,
        {{ as_ratio(
            'purchases.recency_days * (purchases.order_days - 1)',
            'purchases.tenure_days - purchases.recency_days'
        ) }} as gap_ratio,
        {{ as_ratio('purchases.spend_ever', 'purchases.orders_ever') }} as basket_usd,
        cast(coalesce(categories.distinct_categories_84d, 0) as double) as distinct_categories_84d,
        coalesce({{ as_ratio(
            'purchases.retail_discount_84d', 'purchases.spend_84d + purchases.retail_discount_84d'
        ) }}, 0) as discount_share_84d,
        coalesce({{ as_ratio('purchases.coupon_orders_84d', 'purchases.orders_84d') }}, 0)
            as coupon_share_84d,
        coalesce({{ as_ratio('purchases.private_brand_spend_84d', 'purchases.spend_84d') }}, 0)
            as private_brand_share_84d,
        coalesce({{ as_ratio('purchases.weekend_orders_84d', 'purchases.orders_84d') }}, 0)
            as weekend_share_84d,
        cast(coalesce(activities.web_sessions_28d, 0) as double) as web_sessions_28d,
        cast(coalesce(activities.web_sessions_84d, 0) as double) as web_sessions_84d,
        cast(coalesce(activities.tickets_84d, 0) as double) as tickets_84d,
        cast(coalesce(activities.complaints_84d, 0) as double) as complaints_84d,
        cast(coalesce(activities.calls_84d, 0) as double) as calls_84d,
        cast(activities.last_nps as double) as last_nps,
        cast(activities.last_csat as double) as last_csat,
        cast(coalesce(activities.touches_84d, 0) as double) as touches_84d,
        coalesce({{ as_ratio('activities.opens_84d', 'activities.touches_84d') }}, 0)
            as open_rate_84d,
        coalesce({{ as_ratio('activities.clicks_84d', 'activities.touches_84d') }}, 0)
            as click_rate_84d
    from purchases
    left join categories
        on purchases.customer_id = categories.customer_id
        and purchases.as_of = categories.as_of
    left join activities
        on purchases.customer_id = activities.customer_id
        and purchases.as_of = activities.as_of
)

select * from features
order by as_of, customer_id
