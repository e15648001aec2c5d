with sessions as (
    select * from {{ ref('unified_web_sessions') }}
)

select
    session_id,
    customer_id,
    is_logged_in,
    started_at,
    cast(started_at as date) as session_date,
    {{ seconds_between('started_at', 'ended_at') }} as duration_s,
    event_count,
    page_views,
    cart_adds,
    purchases,
    cart_adds > 0 and purchases = 0 as is_abandoned_cart
from sessions
order by session_id
