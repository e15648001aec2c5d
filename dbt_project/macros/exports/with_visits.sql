{#-
    Adds session_id to events without one: a visit of a device (or account) ends with half an hour
    of silence. Its id is the device's and the second it began.
-#}
{% macro with_visits(events) -%}
visit_starts as (
    select
        *,
        coalesce(device_id, account_key) as visitor,
        case
            when {{ seconds_between(
                'lag(occurred_at) over (partition by coalesce(device_id, account_key)'
                ~ ' order by occurred_at, source_key)', 'occurred_at'
            ) }} <= 1800 then 0
            else 1
        end as is_first_of_visit
    from {{ events }}
),

visit_numbers as (
    select
        *,
        sum(is_first_of_visit) over (
            partition by visitor order by occurred_at, source_key
            rows between unbounded preceding and current row
        ) as visit_number
    from visit_starts
),

visits as (
    select
        *,
        min(occurred_at) over (partition by visitor, visit_number) as visit_started_at
    from visit_numbers
),

with_visits as (
    select
        *,
        coalesce(
            told_session_id,
            case when visitor is not null and occurred_at is not null
                then visitor || '-' || {{ as_text(seconds_between(
                    "cast('1970-01-01' as timestamp)", 'visit_started_at'
                )) }}
            end
        ) as session_id
    from visits
)
{%- endmacro %}
