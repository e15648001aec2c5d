select
    household_id,
    as_of,
    customers,
    buyers,
    household_size,
    kids_count,
    orders,
    sales_usd,
    sales_84d_usd,
    first_order_date,
    last_order_date
from {{ ref('unified_households') }}
order by household_id
