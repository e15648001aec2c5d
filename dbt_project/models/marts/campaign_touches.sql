with touches as (
    select * from {{ ref('validated_campaign_touches') }}
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
)

select
    touches.record_key as touch_key,
    touches.campaign_id,
    customers.customer_id,
    touches.source_system,
    touches.channel,
    touches.touch_event,
    touches.occurred_at as touched_at,
    cast(touches.occurred_at as date) as touch_date,
    touches.cost_usd
from touches
left join customers on touches.customer_record_key = customers.record_key
order by touches.record_key
