-- Which customers have logged in from which device, up to the run's day. A registration is a login
-- too. What follows for anonymous visits is decided in unified_web_sessions, with the times.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

logins as (
    select
        events.device_id,
        customers.customer_id,
        events.session_id,
        events.occurred_at as logged_in_at
    from {{ ref('validated_web_events') }} as events
    inner join customers on events.customer_record_key = customers.record_key
    where events.device_id is not null
    union all
    select
        records.device_id,
        customers.customer_id,
        records.record_key as session_id,
        records.created_at as logged_in_at
    from {{ ref('validated_customer_records') }} as records
    inner join customers on records.record_key = customers.record_key
    where records.device_id is not null and records.created_at is not null
),

owners as (
    select
        logins.device_id,
        logins.customer_id,
        cast(count(distinct
            coalesce(logins.session_id, {{ as_text('logins.logged_in_at') }})
        ) as bigint) as logins,
        min(logins.logged_in_at) as first_login_at,
        max(logins.logged_in_at) as last_login_at
    from logins
    inner join run_date on cast(logins.logged_in_at as date) <= run_date.as_of
    group by logins.device_id, logins.customer_id
)

select
    device_id,
    customer_id,
    logins,
    first_login_at,
    last_login_at,
    cast(count(*) over (partition by device_id) as bigint) as owners,
    count(*) over (partition by device_id) > 1 as is_shared,
    min(first_login_at) over (partition by device_id) as known_since
from owners
