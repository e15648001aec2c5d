-- Every e-mail address, phone number and postal address of a customer, once per standard spelling:
-- whether it can be used, who shares it, and what the customer allows on it as of the run's day.
-- Holds direct identifiers: never leaves the warehouse.
{%- set points = {
    'email': ['email', 'email', 'email'],
    'phone': ['phone', 'phone', 'phone'],
    'address': ['street', 'address', 'mail'],
} %}

with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

customers as (
    select customer_id, household_id from {{ ref('unified_customers') }}
),

-- A letter that came back counts until somebody at that address answered after it.
bounced_records as (
    select touches.customer_record_key
    from {{ ref('validated_campaign_touches') }} as touches
    inner join run_date on cast(touches.occurred_at as date) <= run_date.as_of
    where touches.channel = 'email'
    group by touches.customer_record_key
    having
        max(case when touches.touch_event = 'bounced' then touches.occurred_at end) > coalesce(
            max(case
                when touches.touch_event in ('opened', 'clicked', 'replied')
                    then touches.occurred_at
            end),
            timestamp '1900-01-01 00:00:00'
        )
),

records as (
    select
        assignments.customer_id,
        records.record_key,
        records.source_system,
        records.email,
        records.phone,
        {{ clean_text(re_replace(
            all_text(['records.street', 'records.postcode', 'records.city', 'records.country']),
            ' +', ' '
        )) }} as address,
        coalesce(features.email, lower(records.email)) as standard_email,
        coalesce(features.phone, {{ standard_phone('records.phone') }}, records.phone)
            as standard_phone,
        coalesce(
            features.address,
            lower({{ all_text(['records.street', 'records.postcode', 'records.city']) }})
        ) as standard_address,
        case
            when {{ is_placeholder_email('records.email') }} then 'says nothing'
            when not records.has_well_formed_email then 'no e-mail address'
            when bounced_records.customer_record_key is not null then 'came back'
        end as email_trouble,
        case
            when {{ is_placeholder_phone('records.phone') }} then 'says nothing'
            when not records.is_valid_phone then 'no such number'
        end as phone_trouble,
        case
            when records.street is null or (records.postcode is null and records.city is null)
                then 'incomplete'
        end as address_trouble,
        records.created_at,
        coalesce(records.updated_at, records.created_at) as updated_at
    from {{ ref('validated_customer_records') }} as records
    inner join {{ source('identity', 'assignments') }} as assignments
        on records.record_key = assignments.record_key
    left join {{ source('identity', 'features') }} as features
        on records.record_key = features.record_key
    left join bounced_records on records.record_key = bounced_records.customer_record_key
    cross join run_date
    where coalesce(cast(records.created_at as date) <= run_date.as_of, true)
),

said as (
    {%- for kind, (field, column, channel) in points.items() %}
    select
        customer_id,
        '{{ kind }}' as kind,
        '{{ field }}' as field,
        '{{ channel }}' as channel,
        standard_{{ column }} as standard_value,
        {{ column }} as value,
        {{ column }}_trouble as trouble,
        record_key,
        source_system,
        created_at,
        updated_at
    from records
    where {{ column }} is not null
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

-- One record that spells it well is enough; that a letter came back is true of all spellings.
known as (
    select
        said.customer_id,
        said.kind,
        said.channel,
        said.standard_value,
        max(case when said.trouble = 'came back' then said.trouble end) as delivery_trouble,
        min(coalesce(said.trouble, '')) as spelling_trouble,
        cast(count(*) as bigint) as record_count,
        cast(count(distinct said.source_system) as bigint) as source_system_count,
        min(said.created_at) as first_seen_at,
        max(said.updated_at) as last_seen_at,
        max(case when golden.record_key is not null then 1 else 0 end) as is_golden
    from said
    left join {{ ref('unified_golden_fields') }} as golden
        on said.customer_id = golden.customer_id
        and said.field = golden.field
        and said.record_key = golden.record_key
    group by said.customer_id, said.kind, said.channel, said.standard_value
),

spellings as (
    select
        customer_id,
        kind,
        standard_value,
        value,
        source_system,
        row_number() over (
            partition by customer_id, kind, standard_value
            order by
                case when trouble is null then 0 else 1 end,
                updated_at desc nulls last,
                record_key
        ) as newest_first
    from said
),

users as (
    select
        kind,
        standard_value,
        cast(count(*) as bigint) as customers
    from known
    group by kind, standard_value
),

household_users as (
    select
        known.kind,
        known.standard_value,
        customers.household_id,
        cast(count(*) as bigint) as customers
    from known
    inner join customers on known.customer_id = customers.customer_id
    group by known.kind, known.standard_value, customers.household_id
),

-- The statement that holds for a channel is the last one about it or about all channels.
allowed as (
    select
        customer_id,
        channel,
        max(case when purpose = 'marketing' then state end) as marketing,
        max(case when purpose = 'profiling' then state end) as profiling
    from (
        select
            consents.customer_id,
            channels.channel,
            consents.purpose,
            consents.state,
            row_number() over (
                partition by consents.customer_id, channels.channel, consents.purpose
                order by
                    consents.stated_at desc,
                    case when consents.state = 'withdrawn' then 0 else 1 end,
                    consents.record_key
            ) as newest_first
        from {{ ref('unified_consents') }} as consents
        inner join (
            select 'email' as channel
            union all
            select 'phone' as channel
            union all
            select 'sms' as channel
            union all
            select 'mail' as channel
        ) as channels on consents.channel in (channels.channel, 'any')
    ) as statements
    where newest_first = 1
    group by customer_id, channel
),

judged as (
    select
        known.customer_id,
        known.kind,
        known.standard_value,
        spellings.value,
        case
            when users.customers > {{ var('most_customers_per_contact_point') }}
                then 'shared by too many'
            else coalesce(known.delivery_trouble, nullif(known.spelling_trouble, ''))
        end as reason,
        users.customers,
        household_users.customers as customers_in_household,
        known.record_count,
        known.source_system_count,
        spellings.source_system,
        known.first_seen_at,
        known.last_seen_at,
        known.is_golden,
        by_channel.marketing as marketing_consent,
        case when known.kind = 'phone' then by_sms.marketing end as sms_consent,
        by_channel.profiling as profiling_consent
    from known
    inner join customers on known.customer_id = customers.customer_id
    inner join spellings
        on known.customer_id = spellings.customer_id
        and known.kind = spellings.kind
        and known.standard_value = spellings.standard_value
        and spellings.newest_first = 1
    inner join users
        on known.kind = users.kind and known.standard_value = users.standard_value
    inner join household_users
        on known.kind = household_users.kind
        and known.standard_value = household_users.standard_value
        and customers.household_id = household_users.household_id
    left join allowed as by_channel
        on known.customer_id = by_channel.customer_id and known.channel = by_channel.channel
    left join allowed as by_sms
        on known.customer_id = by_sms.customer_id and by_sms.channel = 'sms'
),

-- Usable ones first, then the one of the golden record, then the newest.
numbered as (
    select
        *,
        cast(row_number() over (
            partition by customer_id, kind
            order by
                case when reason is null then 0 else 1 end,
                is_golden desc,
                last_seen_at desc nulls last,
                record_count desc,
                standard_value
        ) as bigint) as contact_point_number
    from judged
)

select
    customer_id,
    kind,
    contact_point_number,
    standard_value,
    value,
    reason is null as is_valid,
    reason,
    reason is null and contact_point_number = 1 as is_preferred,
    customers,
    customers_in_household > 1 as is_shared_with_household,
    customers_in_household,
    record_count,
    source_system_count,
    source_system,
    first_seen_at,
    last_seen_at,
    marketing_consent,
    sms_consent,
    profiling_consent
from numbered
