-- What the metrics add up, per customer and day; the rows of nobody known have no customer_id, so
-- that the company's figures hold all its orders, visits and answers.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

assignments as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

products as (
    select product_id, unit_cost_usd from {{ ref('validated_products') }}
    where unit_cost_usd is not null
),

costs as (
    select
        lines.order_id,
        sum(lines.sales_usd - lines.quantity * products.unit_cost_usd) as margin_usd,
        sum(lines.sales_usd) as sales_of_known_cost_usd
    from {{ ref('unified_order_lines') }} as lines
    inner join products on lines.product_id = products.product_id
    group by lines.order_id
),

facts as (
    select
        orders.customer_id,
        orders.order_date as metric_date,
        1 as orders,
        orders.sales_usd,
        costs.margin_usd,
        costs.sales_of_known_cost_usd,
        0 as carts,
        0 as abandoned_carts,
        0 as nps_balance,
        0 as nps_answers,
        0 as csat_satisfied,
        0 as csat_answers,
        0 as complaints
    from {{ ref('unified_orders') }} as orders
    left join costs on orders.order_id = costs.order_id
    union all
    select
        customer_id,
        cast(started_at as date) as metric_date,
        0, 0, null, null,
        1 as carts,
        case when purchases = 0 then 1 else 0 end as abandoned_carts,
        0, 0, 0, 0, 0
    from {{ ref('unified_web_sessions') }}
    where cart_adds > 0
    union all
    select
        assignments.customer_id,
        cast(answers.occurred_at as date) as metric_date,
        0, 0, null, null, 0, 0,
        case
            when answers.survey <> 'nps' then 0
            when answers.score >= 9 then 1
            when answers.score <= 6 then -1
            else 0
        end as nps_balance,
        case when answers.survey = 'nps' then 1 else 0 end as nps_answers,
        case when answers.survey = 'csat' and answers.score >= 4 then 1 else 0 end as csat_satisfied,
        case when answers.survey = 'csat' then 1 else 0 end as csat_answers,
        0
    from {{ ref('validated_survey_responses') }} as answers
    left join assignments on answers.customer_record_key = assignments.record_key
    where answers.score is not null and answers.survey in ('nps', 'csat')
    union all
    select
        assignments.customer_id,
        cast(contacts.occurred_at as date) as metric_date,
        0, 0, null, null, 0, 0, 0, 0, 0, 0,
        1 as complaints
    from (
        select customer_record_key, occurred_at from {{ ref('validated_support_cases') }} where is_complaint
        union all
        select customer_record_key, occurred_at from {{ ref('validated_calls') }} where is_complaint
    ) as contacts
    left join assignments on contacts.customer_record_key = assignments.record_key
),

per_day as (
    select
        facts.customer_id,
        facts.metric_date,
        {%- for part, type_name in metric_parts().items() %}
        cast(sum(facts.{{ part }}) as {{ type_name }}) as {{ part }}{{ ',' if not loop.last }}
        {%- endfor %}
    from facts
    inner join run_date on facts.metric_date <= run_date.as_of
    group by facts.customer_id, facts.metric_date
)

select * from per_day
