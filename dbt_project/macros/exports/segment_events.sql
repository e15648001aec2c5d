{#-
    Segment spec calls (one JSON object a line) as web events: page, screen and track. Identify,
    group and alias calls say who somebody is, not what they did: see segment_people.

    Segment has no visits. As analytics tools do, a visit ends with half an hour of silence.
-#}
{% macro segment_events(source_name, table_name) %}
with newest_rows as (
    {{ newest_version(source_name, table_name, key=['message_id'], newest_by=['received_at']) }}
),

told as (
    select
        *,
        coalesce({{ clean_text('properties') }}, '{}') as properties_json,
        coalesce({{ clean_text('context') }}, '{}') as context_json,
        {{ segment_time() }} as occurred_at
    from newest_rows
    where coalesce(type, '') not in ('identify', 'group', 'alias')
),

named as (
    select
        source_key,
        has_source_key,
        message_id as event_id,
        {{ clean_text('user_id') }} as account_id,
        {{ clean_text('anonymous_id') }} as device_id,
        {{ clean_text(json_text('context_json', 'sessionId')) }} as told_session_id,
        case
            when type in ('page', 'screen') then 'page_view'
            else {{ web_event_type('event') }}
        end as event_type,
        coalesce(
            {{ json_text('properties_json', 'path') }},
            {{ json_text('context_json', 'page.path') }},
            {{ json_text('properties_json', 'url') }},
            {{ json_text('context_json', 'page.url') }},
            case when type = 'screen' then {{ clean_text('name') }} end
        ) as page,
        coalesce(
            {{ json_text('properties_json', 'product_id') }},
            {{ json_text('properties_json', 'sku') }}
        ) as product_id,
        coalesce(
            {{ json_text('properties_json', 'referrer') }},
            {{ json_text('context_json', 'page.referrer') }}
        ) as referrer,
        lower({{ json_text('context_json', 'device.type') }}) as device_type,
        occurred_at,
        case when occurred_at is null then coalesce(timestamp, original_timestamp) end as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from told
),

{{ with_visits('named') }}

select * from with_visits
{% endmacro %}

{#- Segment corrects the device's clock in `timestamp`; the others stand in where it is missing. -#}
{% macro segment_time() -%}
    coalesce(
        {{ parse_timestamp('timestamp') }},
        {{ parse_timestamp('original_timestamp') }},
        {{ parse_timestamp('received_at') }}
    )
{%- endmacro %}

{#-
    Adds session_id to events without one: a visit of a device (or account) ends with half an hour
    of silence. Its id is the device's and the second it began.
-#}
{% macro with_visits(events) -%}
visit_starts as (
    select
        *,
        coalesce(device_id, account_id) as visitor,
        case
            when {{ seconds_between(
                'lag(occurred_at) over (partition by coalesce(device_id, account_id)'
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
