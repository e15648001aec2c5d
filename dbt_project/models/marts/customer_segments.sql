with customer_groups as (
    select * from {{ ref('unified_customer_groups') }}
),

run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

lifecycle as (
    select stages.*
    from {{ ref('unified_customer_lifecycle') }} as stages
    inner join run_date on stages.as_of = run_date.as_of
),

rfm as (
    select * from {{ ref('unified_rfm_segments') }}
),

behaviour as (
    {{ newest_as_of(source('intelligence', 'behaviour_segments')) }}
),

custom as (
    {{ of_the_run(source('intelligence', 'custom_segments')) }}
),

joined as (
    select
        customer_groups.customer_id,
        customer_groups.as_of,
        lifecycle.lifecycle_stage,
        lifecycle.usual_gap_days,
        lifecycle.at_risk_after_days,
        lifecycle.lapsed_after_days,
        customer_groups.frequency_group,
        customer_groups.demographic_segment,
        customer_groups.income_level,
        customer_groups.category_segment,
        customer_groups.interest_segment,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        rfm.rfm_segment,
        behaviour.behaviour_segment_id,
        behaviour.behaviour_segment,
        custom.segment as custom_segment
    from customer_groups
    left join lifecycle on customer_groups.customer_id = lifecycle.customer_id
    left join rfm on customer_groups.customer_id = rfm.customer_id
    left join behaviour on customer_groups.customer_id = behaviour.customer_id
    left join custom on customer_groups.customer_id = custom.customer_id and custom.place = 1
)

select * from joined
order by customer_id
