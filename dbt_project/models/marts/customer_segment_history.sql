-- Which stage and which behaviour group each customer was in, from when to when, as told at month
-- ends and on the run's day. Stages are worked out again as they were known then; groups are what was
-- answered on those nights, so they begin with the first night. Old ids lead to tonight's customer.
with dates as (
    select
        as_of,
        lag(as_of) over (order by as_of) as as_of_before,
        row_number() over (order by as_of) as date_number
    from {{ ref('unified_lifecycle_dates') }}
),

customers as (
    select customer_id from {{ ref('customers') }}
),

redirects as (
    select customer_id, current_customer_id from {{ source('identity', 'redirects') }}
    where is_main
),

answers as (
    select customer_id, as_of, behaviour_segment from {{ source('intelligence', 'behaviour_segments') }}
),

answered_on as (
    select distinct as_of from answers
),

-- The newest night of each month that answered.
nights as (
    select
        dates.date_number,
        max(answered_on.as_of) as as_of
    from dates
    inner join answered_on
        on answered_on.as_of <= dates.as_of
        and (dates.as_of_before is null or answered_on.as_of > dates.as_of_before)
    group by dates.date_number
),

told as (
    select
        stages.customer_id,
        'lifecycle_stage' as kind,
        stages.lifecycle_stage as segment,
        dates.as_of,
        dates.date_number,
        0 as preference
    from {{ ref('unified_customer_lifecycle') }} as stages
    inner join dates on stages.as_of = dates.as_of
    union all
    select
        coalesce(redirects.current_customer_id, answers.customer_id) as customer_id,
        'behaviour_segment' as kind,
        answers.behaviour_segment as segment,
        answers.as_of,
        nights.date_number,
        case when answers.customer_id = redirects.current_customer_id then 0 else 1 end as preference
    from answers
    inner join nights on answers.as_of = nights.as_of
    left join redirects on answers.customer_id = redirects.customer_id
),

-- Two old ids of one customer may have been in two groups: the id that is still in use says.
once as (
    select
        told.*,
        row_number() over (
            partition by told.customer_id, told.kind, told.date_number
            order by told.preference, told.segment
        ) as choice
    from told
    inner join customers on told.customer_id = customers.customer_id
),

-- Neighbouring dates with the same segment have the same difference of the two counts.
spells as (
    select
        customer_id,
        kind,
        segment,
        as_of,
        date_number,
        date_number - row_number() over (
            partition by customer_id, kind, segment order by date_number
        ) as spell
    from once
    where choice = 1 and segment is not null
)

select
    spells.customer_id,
    spells.kind,
    min(spells.as_of) as from_date,
    max(spells.as_of) as until_date,
    spells.segment,
    max(spells.date_number) = max(last_date.date_number) as is_current
from spells
cross join (select max(date_number) as date_number from dates) as last_date
group by spells.customer_id, spells.kind, spells.segment, spells.spell
order by spells.customer_id, spells.kind, from_date
