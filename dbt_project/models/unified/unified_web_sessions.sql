-- One row per visit, and whose it is. A visit belongs to whoever was logged in. An anonymous one
-- belongs to the customer of its device (unified_devices):
--   - the only one who had logged in from it by then, if that was not too long ago;
--   - if nobody had yet, the first one who does, if that is soon. Nobody knows this before the
--     login: known_at says from when on, and what looks back at a day leaves out what came later.
-- A device that two had logged in from by then (a family's tablet) says nothing about who held it.
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
        sessions.logged_in_customer_id,
        events.device_id
    from sessions
    inner join events on sessions.session_id = events.session_id
    where events.device_id is not null
),

-- The last login before each visit, by whomever: registrations, and visits that were logged in.
device_moments as (
    select
        session_id,
        device_id,
        started_at as happened_at,
        case when logged_in_customer_id is not null then started_at end as login_at
    from session_devices
    union all
    select
        cast(null as {{ dbt.type_string() }}) as session_id,
        device_id,
        first_login_at as happened_at,
        first_login_at as login_at
    from {{ ref('unified_devices') }}
),

last_logins as (
    select
        session_id,
        device_id,
        max(login_at) over (
            partition by device_id order by happened_at
            range between unbounded preceding and current row
        ) as last_login_at
    from device_moments
),

-- Per anonymous visit and device: who had logged in by then, and who does first if nobody had.
owners_by_then as (
    select
        session_devices.session_id,
        session_devices.started_at,
        devices.device_id,
        min(devices.known_since) as known_since,
        sum(case when devices.first_login_at <= session_devices.started_at then 1 else 0 end)
            as owners,
        sum(case when devices.first_login_at = devices.known_since then 1 else 0 end)
            as first_owners,
        min(case
            when devices.first_login_at <= session_devices.started_at then devices.customer_id
        end) as owner,
        min(case when devices.first_login_at = devices.known_since then devices.customer_id end)
            as first_owner
    from session_devices
    inner join {{ ref('unified_devices') }} as devices
        on session_devices.device_id = devices.device_id
    where session_devices.logged_in_customer_id is null
    group by session_devices.session_id, session_devices.started_at, devices.device_id
),

by_device as (
    select
        owners_by_then.session_id,
        case
            when owners_by_then.owners = 1
                and {{ days_between('last_logins.last_login_at', 'owners_by_then.started_at') }}
                <= {{ var('days_a_login_holds') }}
                then owners_by_then.owner
            when owners_by_then.owners = 0 and owners_by_then.first_owners = 1
                and {{ days_between('owners_by_then.started_at', 'owners_by_then.known_since') }}
                <= {{ var('days_a_login_reaches_back') }}
                then owners_by_then.first_owner
        end as customer_id,
        case
            when owners_by_then.owners = 0 then owners_by_then.known_since
            else owners_by_then.started_at
        end as known_at
    from owners_by_then
    inner join last_logins
        on owners_by_then.session_id = last_logins.session_id
        and owners_by_then.device_id = last_logins.device_id
),

device_customers as (
    select
        session_id,
        min(customer_id) as customer_id,
        max(known_at) as known_at
    from by_device
    where customer_id is not null
    group by session_id
    having count(distinct customer_id) = 1
)

select
    sessions.session_id,
    coalesce(sessions.logged_in_customer_id, device_customers.customer_id) as customer_id,
    sessions.logged_in_customer_id is not null as is_logged_in,
    case
        when sessions.logged_in_customer_id is not null then sessions.started_at
        else device_customers.known_at
    end as known_at,
    sessions.started_at,
    sessions.ended_at,
    cast(sessions.event_count as bigint) as event_count,
    cast(sessions.page_views as bigint) as page_views,
    cast(sessions.cart_adds as bigint) as cart_adds,
    cast(sessions.purchases as bigint) as purchases
from sessions
left join device_customers on sessions.session_id = device_customers.session_id
