with stores as (
    select * from {{ ref('validated_stores') }}
)

select
    store_id,
    store_name,
    city,
    opened_on
from stores
order by store_id
