with lists as (
    {{ newest_as_of(source('intelligence', 'recommendations')) }}
),

products as (
    select product_id, department, product_category, product_type from {{ ref('products') }}
)

select
    lists.customer_id,
    lists.as_of,
    lists.kind,
    lists.rank,
    lists.product_id,
    products.department,
    products.product_category,
    products.product_type,
    round(lists.score, 6) as score,
    lists.model,
    lists.reason,
    lists.times_bought,
    lists.usual_gap_days,
    lists.days_since_last
from lists
left join products on lists.product_id = products.product_id
order by lists.customer_id, lists.kind, lists.rank
