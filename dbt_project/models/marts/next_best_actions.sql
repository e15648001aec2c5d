-- What to do next with each customer: the first action of macros/actions that fits, on the first
-- channel that is allowed. What fitted before it and was not allowed is told beside it.
{%- set actions = next_best_actions() %}
{%- set limits = var('actions') %}
{%- set allowed = {
    'phone': ['has_phone', 'phone_consent'],
    'email': ['has_email', 'email_consent'],
    'sms': ['has_phone', 'sms_consent'],
    'letter': ['has_address', 'letter_consent'],
} %}
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

customers as (
    select * from {{ ref('customers') }}
),

open_cases as (
    select
        cases.customer_id,
        count(*) as open_cases,
        min(cases.opened_date) as open_since,
        min(cases.category) as open_about
    from {{ ref('support_cases') }} as cases
    inner join run_date
        on cases.opened_date > {{ add_days('run_date.as_of', -limits.open_case_days) }}
        and cases.opened_date <= run_date.as_of
    where cases.resolved_at is null and lower(cases.status) not in ('solved', 'resolved', 'closed')
    group by cases.customer_id
),

bad_contacts as (
    select customer_id, opened_date as bad_on, category as bad_about
    from {{ ref('support_cases') }}
    where is_complaint and satisfaction <= 2
    union all
    select customer_id, call_date as bad_on, reason as bad_about
    from {{ ref('calls') }}
    where is_complaint and post_call_score <= 2
),

newest_bad_contacts as (
    select
        bad_contacts.customer_id,
        bad_contacts.bad_on,
        bad_contacts.bad_about,
        row_number() over (
            partition by bad_contacts.customer_id order by bad_contacts.bad_on desc, bad_contacts.bad_about
        ) as newest_first
    from bad_contacts
    inner join run_date
        on bad_contacts.bad_on > {{ add_days('run_date.as_of', -limits.bad_contact_days) }}
        and bad_contacts.bad_on <= run_date.as_of
),

at_risk as (
    select
        customer_id,
        expected_loss_usd,
        reasons,
        warning_rank <= {{ limits.share_worth_a_call }} * count(*) over () as is_worth_a_call
    from {{ ref('churn_warnings') }}
),

sessions as (
    select
        sessions.customer_id,
        sessions.session_date,
        sessions.is_abandoned_cart,
        row_number() over (
            partition by sessions.customer_id order by sessions.started_at desc, sessions.session_id
        ) as newest_first
    from {{ ref('web_sessions') }} as sessions
    inner join run_date
        on sessions.session_date > {{ add_days('run_date.as_of', -limits.cart_days) }}
        and sessions.session_date <= run_date.as_of
    where sessions.customer_id is not null
),

offers as (
    select
        lists.customer_id,
        lists.product_id,
        lists.product_type,
        lists.reason,
        products.list_price_usd
    from {{ ref('recommendations') }} as lists
    left join {{ ref('products') }} as products on lists.product_id = products.product_id
    where lists.kind = 'new_product' and lists.rank = 1
),

messages as (
    select distinct touches.customer_id
    from {{ ref('campaign_touches') }} as touches
    inner join run_date
        on touches.touch_date > {{ add_days('run_date.as_of', -limits.rest_days) }}
        and touches.touch_date <= run_date.as_of
    where touches.touch_event = 'sent'
),

reach as (
    select
        customer_id,
        {%- for kind in ['phone', 'email', 'address'] %}
        max(case when kind = '{{ kind }}' and is_valid and is_preferred then 1 else 0 end) = 1
            as has_{{ kind }},
        {%- endfor %}
        {%- for channel, kind in {'phone': 'phone', 'email': 'email', 'letter': 'address'}.items() %}
        max(case when kind = '{{ kind }}' and marketing_consent = 'granted' then 1 else 0 end) = 1
            as {{ channel }}_consent,
        {%- endfor %}
        max(case when kind = 'phone' and sms_consent = 'granted' then 1 else 0 end) = 1 as sms_consent,
        max(case when profiling_consent = 'withdrawn' then 1 else 0 end) = 1 as refuses_profiles
    from {{ ref('contact_points') }}
    group by customer_id
),

known as (
    select
        customers.customer_id,
        run_date.as_of,
        customers.orders,
        customers.recency_days,
        segments.lifecycle_stage,
        coalesce(open_cases.open_cases, 0) as open_cases,
        open_cases.open_since,
        open_cases.open_about,
        bad.bad_on,
        bad.bad_about,
        at_risk.customer_id is not null as is_at_risk,
        coalesce(at_risk.is_worth_a_call, false) as is_worth_a_call,
        at_risk.expected_loss_usd,
        at_risk.reasons as churn_reasons,
        case
            when sessions.is_abandoned_cart
                and (customers.last_order_date is null or customers.last_order_date < sessions.session_date)
                then sessions.session_date
        end as cart_left_on,
        offers.product_id,
        offers.product_type,
        offers.reason as product_reason,
        offers.list_price_usd,
        worth.expected_spend_90d_usd,
        worth.expected_basket_usd,
        messages.customer_id is not null as is_resting,
        coalesce(reach.refuses_profiles, false) as refuses_profiles,
        {%- for column in ['has_phone', 'has_email', 'has_address', 'phone_consent', 'email_consent', 'letter_consent', 'sms_consent'] %}
        coalesce(reach.{{ column }}, false) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}
    from customers
    cross join run_date
    left join {{ ref('customer_segments') }} as segments on customers.customer_id = segments.customer_id
    left join open_cases on customers.customer_id = open_cases.customer_id
    left join newest_bad_contacts as bad
        on customers.customer_id = bad.customer_id and bad.newest_first = 1
    left join at_risk on customers.customer_id = at_risk.customer_id
    left join sessions on customers.customer_id = sessions.customer_id and sessions.newest_first = 1
    left join offers on customers.customer_id = offers.customer_id
    left join {{ ref('lifetime_value') }} as worth on customers.customer_id = worth.customer_id
    left join messages on customers.customer_id = messages.customer_id
    left join reach on customers.customer_id = reach.customer_id
),

-- Per action: whether it fits, what speaks against it, and on which channel it would go.
judged as (
    select
        known.*,
        {%- for name, action in actions.items() %}
        coalesce({{ action.when }}, false) as fits_{{ name }},
        {% if not action.channels %}'none'{% else -%}
        case
            {%- for channel in action.channels %}
            when {{ allowed[channel][0] }}{% if not action.service %} and {{ allowed[channel][1] }}{% endif %}
                then '{{ channel }}'
            {%- endfor %}
        end
        {%- endif %} as channel_{{ name }},
        {% if action.uses_profile %}refuses_profiles{% else %}false{% endif %} as refused_{{ name }},
        {% if action.rests %}is_resting{% else %}false{% endif %} as resting_{{ name }}{{ ',' if not loop.last }}
        {%- endfor %}
    from known
),

chosen as (
    select
        judged.*,
        case
            {%- for name in actions %}
            when fits_{{ name }} and channel_{{ name }} is not null and not refused_{{ name }}
                and not resting_{{ name }} then '{{ name }}'
            {%- endfor %}
        end as action,
        case
            {%- for name in actions %}
            when fits_{{ name }} then '{{ name }}'
            {%- endfor %}
        end as wanted_action,
        case
            {%- for name, action in actions.items() %}
            when fits_{{ name }} then case
                when refused_{{ name }} then 'consent to profiles withdrawn'
                when channel_{{ name }} is null
                    then '{{ 'no valid contact point' if action.service else 'no channel with consent' }}'
                when resting_{{ name }} then 'was written to just now'
            end
            {%- endfor %}
        end as withheld_because
    from judged
),

told as (
    select
        customer_id,
        as_of,
        {%- set priority %}{% for name in actions %} when '{{ name }}' then {{ loop.index }}{% endfor %}{% endset %}
        cast(case action{{ priority }} end as bigint) as priority,
        action,
        {% set departments %}{% for name, action in actions.items() %} when '{{ name }}' then '{{ action.department }}'{% endfor %}{% endset -%}
        case action{{ departments }} end as department,
        case action
            {%- for name in actions %}
            when '{{ name }}' then nullif(channel_{{ name }}, 'none')
            {%- endfor %}
        end as channel,
        case action
            {%- for name, action in actions.items() %}
            when '{{ name }}' then {{ action.reason }}
            {%- endfor %}
        end as reason,
        {%- set stakes %}
        {%- for name, action in actions.items() if action.stake %}
            when '{{ name }}' then cast({{ action.stake }} as decimal(18, 2))
        {%- endfor %}
        {%- endset %}
        case action{{ stakes }}
        end as stake_usd,
        case action
            {%- for name, action in actions.items() if action.within_days %}
            when '{{ name }}' then {{ add_days('as_of', action.within_days) }}
            {%- endfor %}
        end as act_by,
        case when action = 'cross_sell' then product_id end as product_id,
        case when wanted_action <> action then wanted_action end as withheld_action,
        case when wanted_action <> action then withheld_because end as withheld_because,
        case when wanted_action <> action then case wanted_action{{ stakes }}
        end end as withheld_stake_usd
    from chosen
)

select
    customer_id,
    as_of,
    priority,
    action,
    department,
    channel,
    reason,
    stake_usd,
    act_by,
    product_id,
    row_number() over (
        partition by action order by stake_usd desc nulls last, customer_id
    ) as place,
    withheld_action,
    withheld_because,
    withheld_stake_usd
from told
order by customer_id
