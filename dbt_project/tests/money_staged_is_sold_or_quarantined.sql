-- Prevents: a join that doubles or drops lines on the way to the marts. To the cent, for each kind
-- of money.
{{ config(meta={'dagster': {'ref': {'name': 'order_lines'}}}) }}
{%- set money = [
    'sales_usd', 'retail_discount_usd', 'coupon_discount_usd', 'coupon_match_discount_usd'
] %}

with staged as (
    select
        {%- for column in money %}
        coalesce(sum({{ column }}), 0) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('staged_order_lines') }}
),

quarantined as (
    select
        {%- for column in money %}
        coalesce(sum(lines.{{ column }}), 0) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('staged_order_lines') }} as lines
    where exists (
        select 1
        from {{ source('quarantine', 'rows') }} as quarantine
        where quarantine.entity = 'order_lines'
            and quarantine.is_current
            and quarantine.record_key = lines.record_key
    )
),

sold as (
    select
        {%- for column in money %}
        coalesce(sum({{ column }}), 0) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from {{ ref('order_lines') }}
)

{% for column in money -%}
select
    '{{ column }}' as money,
    staged.{{ column }} as staged_usd,
    quarantined.{{ column }} as quarantined_usd,
    sold.{{ column }} as sold_usd
from staged
cross join quarantined
cross join sold
where staged.{{ column }} <> quarantined.{{ column }} + sold.{{ column }}
{{ 'union all' if not loop.last }}
{% endfor %}
