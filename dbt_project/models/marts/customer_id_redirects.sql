-- Where the records of any id are now: join an old table's customer_id here, on is_main for one row each.
with redirects as (
    select * from {{ source('identity', 'redirects') }}
)

select
    customer_id || '|' || coalesce(current_customer_id, '') as redirect_id,
    customer_id,
    current_customer_id,
    records,
    is_main
from redirects
order by customer_id, is_main desc, records desc, current_customer_id nulls last
