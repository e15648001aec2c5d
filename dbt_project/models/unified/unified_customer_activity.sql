-- Everything a customer did or was told besides buying, as counts per day and kind; for surveys
-- also the last score of the day. One narrow table, so that features and the 360 view read one
-- thing.
with customers as (
    select record_key, customer_id from {{ source('identity', 'assignments') }}
),

web_sessions as (
    select
        customer_id,
        started_at as occurred_at,
        known_at,
        'web_session' as activity,
        session_id as activity_key,
        cast(null as bigint) as score
    from {{ ref('unified_web_sessions') }}
    where customer_id is not null
),

by_record as (
    select
        customer_record_key,
        occurred_at,
        occurred_at as known_at,
        case when is_complaint then 'complaint' else 'ticket' end as activity,
        record_key as activity_key,
        cast(null as bigint) as score
    from {{ ref('validated_support_cases') }}
    union all
    select
        customer_record_key,
        occurred_at,
        occurred_at as known_at,
        'call' as activity,
        record_key as activity_key,
        cast(null as bigint) as score
    from {{ ref('validated_calls') }}
    union all
    select
        customer_record_key,
        occurred_at,
        occurred_at as known_at,
        survey as activity,
        record_key as activity_key,
        score
    from {{ ref('validated_survey_responses') }}
    where score is not null
    union all
    select
        customer_record_key,
        occurred_at,
        greatest(occurred_at, coalesce(updated_at, occurred_at)) as known_at,
        'ticket_score' as activity,
        record_key as activity_key,
        satisfaction as score
    from {{ ref('validated_support_cases') }}
    where satisfaction is not null
    union all
    select
        customer_record_key,
        occurred_at,
        occurred_at as known_at,
        'call_score' as activity,
        record_key as activity_key,
        post_call_score as score
    from {{ ref('validated_calls') }}
    where post_call_score is not null
    union all
    select
        customer_record_key,
        occurred_at,
        occurred_at as known_at,
        'touch_' || touch_event as activity,
        record_key as activity_key,
        cast(null as bigint) as score
    from {{ ref('validated_campaign_touches') }}
),

all_activity as (
    select * from web_sessions
    union all
    select
        customers.customer_id,
        by_record.occurred_at,
        by_record.known_at,
        by_record.activity,
        by_record.activity_key,
        by_record.score
    from by_record
    inner join customers on by_record.customer_record_key = customers.record_key
),

numbered as (
    select
        customer_id,
        cast(occurred_at as date) as activity_date,
        cast(known_at as date) as known_on,
        activity,
        score,
        row_number() over (
            partition by customer_id, cast(occurred_at as date), cast(known_at as date), activity
            order by occurred_at desc, activity_key desc
        ) as newest_first
    from all_activity
    where occurred_at is not null
),

per_day as (
    select
        customer_id,
        activity_date,
        known_on,
        activity,
        cast(count(*) as bigint) as activity_count,
        cast(max(case when newest_first = 1 then score end) as bigint) as last_score
    from numbered
    group by customer_id, activity_date, known_on, activity
)

select * from per_day
