with rfm as (
    select * from {{ ref('unified_rfm_segments') }}
),

behaviour as (
    {{ newest_as_of(source('intelligence', 'behaviour_segments')) }}
),

joined as (
    select
        coalesce(rfm.customer_id, behaviour.customer_id) as customer_id,
        coalesce(rfm.as_of, behaviour.as_of) as as_of,
        rfm.recency_score,
        rfm.frequency_score,
        rfm.monetary_score,
        rfm.rfm_segment,
        behaviour.behaviour_segment_id,
        behaviour.behaviour_segment
    from rfm
    full outer join behaviour on rfm.customer_id = behaviour.customer_id
)

select * from joined
order by customer_id
