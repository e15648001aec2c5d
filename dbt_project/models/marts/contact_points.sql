-- Which contact points a customer has and what may be done with them; never the points themselves.
-- The number is a place in the customer's list, not a token: nothing of the value is in it.
select
    customer_id || '-' || kind || '-' || {{ as_text('contact_point_number') }} as contact_point_id,
    customer_id,
    kind,
    contact_point_number,
    is_valid,
    reason,
    is_preferred,
    is_shared_with_household,
    source_system_count,
    marketing_consent,
    sms_consent,
    profiling_consent,
    cast(first_seen_at as date) as first_seen_on,
    cast(last_seen_at as date) as last_seen_on
from {{ ref('unified_contact_points') }}
order by customer_id, kind, contact_point_number
