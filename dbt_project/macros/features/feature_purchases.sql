{#-
    Buying up to each date: sums over windows, and the customer's own rhythm.

    A day of purchases carries what only its past says: how long it came after the day before and
    after the fourth before. The next day is looked up for one thing: to know until when a day was
    the newest.
-#}
{% macro feature_purchases() %}
purchase_history as (
    select
        *,
        lag(order_date) over (partition by customer_id order by order_date) as previous_date,
        lag(order_date, 4) over (partition by customer_id order by order_date) as fourth_before,
        lead(order_date) over (partition by customer_id order by order_date) as next_date
    from {{ ref('unified_customer_days') }}
    where {{ in_slice('customer_id') }}
),

purchase_gaps as (
    select
        *,
        {{ days_between('previous_date', 'order_date') }} as gap_days,
        {{ days_between('fourth_before', 'order_date') }} as four_gaps_days
    from purchase_history
),

purchase_days as (
    select
        purchase_gaps.*,
        feature_dates.as_of,
        {{ days_between('purchase_gaps.order_date', 'feature_dates.as_of') }} as days_ago,
        coalesce(purchase_gaps.next_date > feature_dates.as_of, true) as is_newest
    from purchase_gaps
    inner join feature_dates on purchase_gaps.order_date <= feature_dates.as_of
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
        max(gap_days) as longest_gap_days,
        sum(gap_days * gap_days) as squared_gaps,
        max(case when is_newest then gap_days end) as last_gap_days,
        max(case when is_newest then four_gaps_days end) as four_gaps_days,
        {{ sum_in_window('orders', 28) }} as orders_28d,
        {{ sum_in_window('orders', 56, 28) }} as orders_prior_28d,
        {{ sum_in_window('orders', 84) }} as orders_84d,
        {{ sum_in_window('orders', 168, 84) }} as orders_prior_84d,
        {{ sum_in_window('orders', 364) }} as orders_364d,
        {{ sum_in_window('1', 84) }} as order_days_84d,
        {{ sum_in_window('sales_usd', 28) }} as spend_28d,
        {{ sum_in_window('sales_usd', 56, 28) }} as spend_prior_28d,
        {{ sum_in_window('sales_usd', 84) }} as spend_84d,
        {{ sum_in_window('sales_usd', 168, 84) }} as spend_prior_84d,
        {{ sum_in_window('sales_usd', 364) }} as spend_364d,
        {{ sum_in_window('retail_discount_usd', 84) }} as retail_discount_84d,
        {{ sum_in_window('coupon_usd', 84) }} as coupon_84d,
        {{ sum_in_window('coupon_orders', 84) }} as coupon_orders_84d,
        {{ sum_in_window('coupon_orders', 364) }} as coupon_orders_364d,
        {{ sum_in_window('private_brand_sales_usd', 84) }} as private_brand_spend_84d,
        {{ sum_in_window('promoted_sales_usd', 84) }} as promoted_spend_84d,
        {{ sum_in_window('returned_usd', 364) }} as returned_364d,
        {{ sum_in_window('weekend_orders', 84) }} as weekend_orders_84d,
        {{ sum_in_window('online_orders', 84) }} as online_orders_84d,
        {{ sum_in_window('line_count', 84) }} as line_count_84d,
        {{ sum_in_window('new_products', 84) }} as new_products_84d
    from purchase_days
    group by customer_id, as_of
)
{%- endmacro %}

{% macro purchase_features() %}
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
{{ as_share(
    'purchases.retail_discount_84d', 'purchases.spend_84d + purchases.retail_discount_84d'
) }} as discount_share_84d,
{{ as_share('purchases.coupon_orders_84d', 'purchases.orders_84d') }} as coupon_share_84d,
{{ as_share('purchases.private_brand_spend_84d', 'purchases.spend_84d') }}
    as private_brand_share_84d,
{{ as_share('purchases.weekend_orders_84d', 'purchases.orders_84d') }} as weekend_share_84d,
cast(purchases.orders_ever as double) as orders_ever,
cast(purchases.order_days as double) as order_days_ever,
cast(purchases.spend_ever as double) as spend_ever,
cast(purchases.orders_364d as double) as orders_364d,
cast(purchases.spend_364d as double) as spend_364d,
cast(purchases.order_days_84d as double) as order_days_84d,
cast(purchases.orders_prior_28d as double) as orders_prior_28d,
cast(purchases.orders_prior_84d as double) as orders_prior_84d,
cast(purchases.spend_prior_28d as double) as spend_prior_28d,
{{ change_from('purchases.orders_28d', 'purchases.orders_prior_28d') }} as orders_change_28d,
{{ change_from('purchases.orders_84d', 'purchases.orders_prior_84d') }} as orders_change_84d,
{{ change_from('purchases.spend_28d', 'purchases.spend_prior_28d') }} as spend_change_28d,
{{ change_from('purchases.spend_84d', 'purchases.spend_prior_84d') }} as spend_change_84d,
cast(purchases.last_gap_days as double) as last_gap_days,
{{ as_ratio('purchases.four_gaps_days', '4') }} as recent_gap_days,
cast(purchases.longest_gap_days as double) as longest_gap_days,
round(sqrt({{ as_ratio(
    'purchases.squared_gaps * (purchases.order_days - 1)'
    ~ ' - (purchases.tenure_days - purchases.recency_days)'
    ~ ' * (purchases.tenure_days - purchases.recency_days)',
    '(purchases.order_days - 1) * (purchases.order_days - 2)'
) }}), 6) as gap_deviation_days,
{{ as_ratio('purchases.recency_days', 'purchases.longest_gap_days') }} as longest_gap_ratio,
{{ as_ratio('4 * purchases.recency_days', 'purchases.four_gaps_days') }} as recent_gap_ratio,
coalesce({{ as_ratio('purchases.spend_84d', 'purchases.orders_84d') }}, 0) as basket_84d_usd,
coalesce({{ as_ratio('purchases.line_count_84d', 'purchases.orders_84d') }}, 0)
    as lines_per_order_84d,
{{ as_share('purchases.new_products_84d', 'purchases.line_count_84d') }} as new_product_share_84d,
{{ as_share('purchases.coupon_84d', 'purchases.spend_84d + purchases.coupon_84d') }}
    as coupon_discount_share_84d,
cast(purchases.coupon_orders_364d as double) as coupon_orders_364d,
{{ as_share('purchases.promoted_spend_84d', 'purchases.spend_84d') }} as promoted_share_84d,
{{ as_share(
    'purchases.returned_364d', 'purchases.spend_364d + purchases.returned_364d'
) }} as returned_share_364d,
{{ as_share('purchases.online_orders_84d', 'purchases.orders_84d') }} as online_share_84d
{%- endmacro %}
