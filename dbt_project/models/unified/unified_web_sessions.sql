-- One row per visit. A visit belongs to whoever was logged in; an anonymous one belongs to the
-- customer of its device, if only one customer had registered from it when the visit began (a
-- family's tablet says nothing about who held it, and a later registration was not known then).
with events as (
    select * from {{ ref('validated_web_events') }}
    where session_id is not null
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

sessions as (
    select
        events.session_id,
        min(customers.customer_id) as logged_in_customer_id,
        min(events.occurred_at) as started_at,
        max(events.occurred_at) as ended_at,
        count(*) as event_count,
        sum(case when events.event_type = 'page_view' then 1 else 0 end) as page_views,
        sum(case when events.event_type = 'add_to_cart' then 1 else 0 end) as cart_adds,
        sum(case when events.event_type = 'purchase_confirmed' then 1 else 0 end) as purchases
    from events
    left join customers on events.customer_record_key = customers.record_key
    group by events.session_id
),

session_devices as (
    select distinct
        sessions.session_id,
        sessions.started_at,
        events.device_id
    from sessions
    inner join events on sessions.session_id = events.session_id
    where sessions.logged_in_customer_id is null
),

device_registrations as (
    select
        records.device_id,
        customers.customer_id,
        min(records.created_at) as registered_at
    from {{ ref('validated_customer_records') }} as records
    inner join customers on records.record_key = customers.record_key
    group by records.device_id, customers.customer_id
),

only_owners as (
    select
        session_devices.session_id,
        session_devices.device_id,
        min(device_registrations.customer_id) as customer_id
    from session_devices
    inner join device_registrations
        on
            session_devices.device_id = device_registrations.device_id
            and session_devices.started_at >= device_registrations.registered_at
    group by session_devices.session_id, session_devices.device_id
    having count(*) = 1
),

device_customers as (
    select
        session_id,
        min(customer_id) as customer_id
    from only_owners
    group by session_id
)

select
    sessions.session_id,
    coalesce(sessions.logged_in_customer_id, device_customers.customer_id) as customer_id,
    sessions.logged_in_customer_id is not null as is_logged_in,
    sessions.started_at,
    sessions.ended_at,
    cast(sessions.event_count as bigint) as event_count,
    cast(sessions.page_views as bigint) as page_views,
    cast(sessions.cart_adds as bigint) as cart_adds,
    cast(sessions.purchases as bigint) as purchases
from sessions
left join device_customers on sessions.session_id = device_customers.session_id
