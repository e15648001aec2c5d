-- One row per visit. A visit belongs to whoever was logged in; an anonymous one belongs to the
-- customer of its device, if only one customer registered from it (a family's tablet says nothing
-- about who held it).
with events as (
    select * from {{ ref('validated_web_events') }}
    where session_id is not null
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

device_owners as (
    select
        records.device_id,
        min(customers.customer_id) as customer_id
    from {{ ref('validated_customer_records') }} as records
    inner join customers on records.record_key = customers.record_key
    where records.device_id is not null
    group by records.device_id
    having count(distinct customers.customer_id) = 1
),

attributed as (
    select
        events.session_id,
        events.event_type,
        events.occurred_at,
        events.device_id,
        customers.customer_id as logged_in_customer_id,
        device_owners.customer_id as device_customer_id
    from events
    left join customers on events.customer_record_key = customers.record_key
    left join device_owners on events.device_id = device_owners.device_id
),

sessions as (
    select
        session_id,
        coalesce(min(logged_in_customer_id), min(device_customer_id)) as customer_id,
        min(logged_in_customer_id) is not null as is_logged_in,
        min(occurred_at) as started_at,
        max(occurred_at) as ended_at,
        count(*) as event_count,
        sum(case when event_type = 'page_view' then 1 else 0 end) as page_views,
        sum(case when event_type = 'add_to_cart' then 1 else 0 end) as cart_adds,
        sum(case when event_type = 'purchase_confirmed' then 1 else 0 end) as purchases
    from attributed
    group by session_id
)

select
    session_id,
    customer_id,
    is_logged_in,
    started_at,
    ended_at,
    cast(event_count as bigint) as event_count,
    cast(page_views as bigint) as page_views,
    cast(cart_adds as bigint) as cart_adds,
    cast(purchases as bigint) as purchases
from sessions
