with overlap as (
    {{ of_the_run(source('intelligence', 'segment_overlap')) }}
)

select
    segment,
    other_segment,
    as_of,
    customers,
    other_customers,
    customers_in_both,
    {{ as_ratio('customers_in_both', 'customers') }} as share_of_segment,
    {{ as_ratio('customers_in_both', 'customers + other_customers - customers_in_both') }} as jaccard,
    {{ as_ratio('customers_in_both * all_customers', 'customers * other_customers') }} as lift
from overlap
order by segment, other_segment
