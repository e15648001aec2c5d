{{ config(materialized='table') }}

-- The last complete day: the newest order's day is still being written while the night runs. Orders
-- that the gate will set aside have no say, or one order dated 2099 would move the run there.
with orders as (
    select occurred_at
    from {{ ref('staged_orders') }}
    where not {{ fails_a_row_rule('orders') }}
),

run_date as (
    select
        {%- if var('as_of', none) %}
        cast('{{ var("as_of") }}' as date) as as_of
        {%- else %}
        {{ add_days('cast(max(occurred_at) as date)', -1) }} as as_of
        {%- endif %}
    {%- if not var('as_of', none) %}
    from orders
    {%- endif %}
)

select * from run_date
