{#-
    What customers did or were told besides buying, up to each date. An event counts from the day
    it was known on: a visit before its owner logged in, a score given long after the ticket.
-#}
{% macro feature_activities() %}
activity_days as (
    select
        activity.*,
        feature_dates.as_of,
        {{ days_between('activity.activity_date', 'feature_dates.as_of') }} as days_ago
    from {{ ref('unified_customer_activity') }} as activity
    inner join feature_dates
        on activity.activity_date <= feature_dates.as_of
        and activity.known_on <= feature_dates.as_of
    where {{ in_slice('activity.customer_id') }}
),

last_answers as (
    select
        *,
        row_number() over (
            partition by customer_id, as_of, activity order by activity_date desc, known_on desc
        ) as newest_first
    from activity_days
    where last_score is not null
),

answers as (
    select
        customer_id,
        as_of,
        {%- for answer in ['nps', 'csat', 'ticket_score', 'call_score', 'sentiment'] %}
        max(case when activity = '{{ answer }}' then last_score end) as last_{{ answer }}
            {{- ',' if not loop.last }}
        {%- endfor %}
    from last_answers
    where newest_first = 1
    group by customer_id, as_of
),

activity_counts as (
    select
        customer_id,
        as_of,
        min(case when activity = 'web_session' then days_ago end) as web_recency_days,
        min(case when activity = 'complaint' then days_ago end) as complaint_recency_days,
        {{ sum_in_window('activity_count', 28, activity=['web_session']) }} as web_sessions_28d,
        {{ sum_in_window('activity_count', 84, activity=['web_session']) }} as web_sessions_84d,
        {{ sum_in_window('activity_count', 168, 84, activity=['web_session']) }}
            as web_sessions_prior_84d,
        {{ sum_in_window('activity_count', 84, activity=['ticket', 'complaint']) }} as tickets_84d,
        {{ sum_in_window('activity_count', 364, activity=['ticket', 'complaint']) }}
            as tickets_364d,
        {{ sum_in_window('activity_count', 84, activity=['complaint']) }} as complaints_84d,
        {{ sum_in_window('activity_count', 84, activity=['call']) }} as calls_84d,
        {{ sum_in_window('activity_count', 364, activity=['nps', 'csat']) }} as surveys_364d,
        {{ sum_in_window('activity_count', 84, activity=['touch_sent']) }} as touches_84d,
        {{ sum_in_window('activity_count', 84, activity=['touch_opened']) }} as opens_84d,
        {{ sum_in_window('activity_count', 84, activity=['touch_clicked']) }} as clicks_84d
    from activity_days
    group by customer_id, as_of
),

activities as (
    select
        activity_counts.*,
        answers.last_nps,
        answers.last_csat,
        answers.last_ticket_score,
        answers.last_call_score,
        answers.last_sentiment
    from activity_counts
    left join answers
        on activity_counts.customer_id = answers.customer_id
        and activity_counts.as_of = answers.as_of
)
{%- endmacro %}

{% macro activity_features() %}
cast(coalesce(activities.web_sessions_28d, 0) as double) as web_sessions_28d,
cast(coalesce(activities.web_sessions_84d, 0) as double) as web_sessions_84d,
cast(coalesce(activities.tickets_84d, 0) as double) as tickets_84d,
cast(coalesce(activities.complaints_84d, 0) as double) as complaints_84d,
cast(coalesce(activities.calls_84d, 0) as double) as calls_84d,
cast(activities.last_nps as double) as last_nps,
cast(activities.last_csat as double) as last_csat,
cast(coalesce(activities.touches_84d, 0) as double) as touches_84d,
coalesce({{ as_ratio('activities.opens_84d', 'activities.touches_84d') }}, 0) as open_rate_84d,
coalesce({{ as_ratio('activities.clicks_84d', 'activities.touches_84d') }}, 0) as click_rate_84d,
cast(activities.web_recency_days as double) as web_recency_days,
{{ change_from('activities.web_sessions_84d', 'activities.web_sessions_prior_84d') }}
    as web_change_84d,
cast(coalesce(activities.tickets_364d, 0) as double) as tickets_364d,
cast(activities.complaint_recency_days as double) as complaint_recency_days,
cast(coalesce(activities.surveys_364d, 0) as double) as surveys_364d,
cast(activities.last_ticket_score as double) as last_ticket_score,
cast(activities.last_call_score as double) as last_call_score,
cast(activities.last_sentiment as double) as last_sentiment
{%- endmacro %}
