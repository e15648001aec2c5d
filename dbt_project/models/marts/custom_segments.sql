with members as (
    {{ of_the_run(source('intelligence', 'custom_segments')) }}
)

select
    segment,
    customer_id,
    as_of,
    priority,
    place,
    place = 1 as is_main
from members
order by segment, customer_id
