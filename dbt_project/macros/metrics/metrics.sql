{#-
    The company's metrics, each defined once. A metric is a sum, or one sum divided by another, over
    the rows of unified_customer_periods; so it means the same for a customer, a segment and the
    company, and per day, week and month. `better` says which way is good. The mart
    metric_definitions shows this list to readers.
-#}
{% macro metrics() %}
{% set definitions %}
revenue_usd: {of: sales_usd, unit: USD, better: higher, label: Revenue, says: Money received for orders after all discounts; returns count as negative.}
orders: {of: orders, unit: orders, better: higher, label: Orders, says: Orders placed.}
active_customers: {of: is_active, unit: customers, better: higher, label: Active customers, says: Customers with an order in the period.}
average_order_value_usd: {of: sales_usd, per: orders, unit: USD, better: higher, label: Average order value, says: Revenue per order.}
repeat_purchase_rate: {of: is_repeat, per: is_active, unit: share, better: higher, label: Repeat-purchase rate, says: Of the active customers the share with a second order or a later one by the end of the period.}
retention_rate: {of: is_retained, per: was_active, unit: share, better: higher, label: Retention, says: Of the customers active in the period before the share that is active in this one.}
cart_abandonment_rate: {of: abandoned_carts, per: carts, unit: share, better: lower, label: Cart abandonment, says: Of the web sessions that put something into the cart the share without a purchase.}
nps: {of: nps_balance, per: nps_answers, times: 100, unit: points, better: higher, label: Net Promoter Score, says: Share of answers 9 and 10 minus share of answers 0 to 6 times 100 (Reichheld 2003).}
csat: {of: csat_satisfied, per: csat_answers, unit: share, better: higher, label: Customer satisfaction, says: Share of the answers 4 and 5 on a scale of 1 to 5.}
margin_usd: {of: margin_usd, unit: USD, better: higher, label: Margin, says: Revenue less what the units cost; only of products whose cost a source tells.}
margin_rate: {of: margin_usd, per: sales_of_known_cost_usd, unit: share, better: higher, label: Margin rate, says: Margin per revenue; only of products whose cost a source tells.}
complaints: {of: complaints, unit: cases, better: lower, label: Complaints, says: Support cases and calls that complain.}
{% endset %}
{{ return(fromyaml(definitions)) }}
{% endmacro %}

{#- What the metrics add up, per customer and day, with its type. -#}
{% macro metric_parts() %}
{{ return({
    'orders': 'bigint',
    'sales_usd': 'decimal(18, 2)',
    'margin_usd': 'decimal(18, 2)',
    'sales_of_known_cost_usd': 'decimal(18, 2)',
    'carts': 'bigint',
    'abandoned_carts': 'bigint',
    'nps_balance': 'bigint',
    'nps_answers': 'bigint',
    'csat_satisfied': 'bigint',
    'csat_answers': 'bigint',
    'complaints': 'bigint',
}) }}
{% endmacro %}

{#- The columns of all metrics, for a select that groups rows of unified_customer_periods. -#}
{% macro metric_columns() -%}
    {%- for name, metric in metrics().items() %}
    {%- if metric.per is defined %}
    {{ metric.times | default(1) }} * {{ as_ratio('sum(' ~ metric.of ~ ')', 'sum(' ~ metric.per ~ ')') }}
    {%- elif name.endswith('_usd') %}
    cast(sum({{ metric.of }}) as decimal(18, 2))
    {%- else %}
    cast(coalesce(sum({{ metric.of }}), 0) as bigint)
    {%- endif %} as {{ name }}{{ ',' if not loop.last }}
    {%- endfor %}
{%- endmacro %}

{#- First day of the day, week (from Monday) or month that a date lies in, and of the next one. -#}
{% macro period_start(period, date_expression) -%}
    {%- if period == 'day' -%} {{ date_expression }}
    {%- elif period == 'week' -%} {{ week_start(date_expression) }}
    {%- else -%} {{ first_of_month(date_expression) }}
    {%- endif -%}
{%- endmacro %}

{% macro next_period_start(period, start) -%}
    {%- if period == 'month' -%} cast({{ dbt.dateadd('month', 1, start) }} as date)
    {%- else -%} {{ add_days(start, {'day': 1, 'week': 7}[period]) }}
    {%- endif -%}
{%- endmacro %}
