with stages as (
    select
        customer_id,
        as_of,
        lifecycle_stage
    from {{ ref('unified_customer_lifecycle') }}
    where is_month_end
),

month_ends as (
    select
        as_of,
        lag(as_of) over (order by as_of) as as_of_before
    from {{ ref('unified_lifecycle_dates') }}
    where is_month_end
),

moves as (
    select
        month_ends.as_of_before as from_date,
        month_ends.as_of as to_date,
        coalesce(earlier.lifecycle_stage, 'not known yet') as from_stage,
        later.lifecycle_stage as to_stage
    from stages as later
    inner join month_ends on later.as_of = month_ends.as_of
    left join stages as earlier
        on later.customer_id = earlier.customer_id
        and month_ends.as_of_before = earlier.as_of
    where month_ends.as_of_before is not null
),

counted as (
    select
        from_date,
        to_date,
        from_stage,
        to_stage,
        cast(count(*) as bigint) as customers
    from moves
    group by from_date, to_date, from_stage, to_stage
)

select
    from_date,
    to_date,
    from_stage,
    to_stage,
    customers,
    {{ as_ratio('customers', 'sum(customers) over (partition by to_date, from_stage)') }} as share
from counted
order by to_date, from_stage, to_stage
