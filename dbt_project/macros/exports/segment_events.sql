{#-
    Segment spec calls (one JSON object a line) as web_events: page, screen and track. Identify,
    group and alias calls say who somebody is, not what they did: see segment_people.

    Segment has no visits. As analytics tools do, a visit ends with half an hour of silence.

    account_system: the system whose account keys are sent as userId; the export itself (whose
    identify calls segment_people reads) unless given. product_source: as in export_columns.
-#}
{% macro segment_events(source_name, table_name, account_system=none, product_source=none) %}
with newest_rows as (
    {{ newest_version(source_name, table_name, key=['message_id'], newest_by=['received_at']) }}
),

calls as (
    select
        *,
        {{ segment_time() }} as occurred_at
    from newest_rows
    where coalesce(type, '') not in ('identify', 'group', 'alias')
),

told as (
    select
        source_key,
        has_source_key,
        message_id as event_id,
        {{ clean_text('user_id') }} as account_key,
        {{ clean_text('anonymous_id') }} as device_id,
        {{ clean_text(json_text('context', 'sessionId')) }} as told_session_id,
        case
            when type in ('page', 'screen') then 'page_view'
            else {{ web_event_type('event') }}
        end as event_type,
        coalesce(
            {{ json_text('properties', 'path') }},
            {{ json_text('context', 'page.path') }},
            {{ json_text('properties', 'url') }},
            {{ json_text('context', 'page.url') }},
            case when type = 'screen' then {{ clean_text('name') }} end
        ) as page,
        coalesce(
            {{ json_text('properties', 'product_id') }}, {{ json_text('properties', 'sku') }}
        ) as product_id,
        coalesce(
            {{ json_text('properties', 'referrer') }}, {{ json_text('context', 'page.referrer') }}
        ) as referrer,
        lower({{ json_text('context', 'device.type') }}) as device_type,
        occurred_at,
        case
            when occurred_at is null then coalesce(timestamp, original_timestamp, received_at)
        end as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from calls
),

{{ with_visits('told') }},

mapped as (
    {{ export_columns('with_visits', source_name, account_system, product_source) }}
)

select * from mapped
{% endmacro %}

{#- Segment corrects the device's clock in `timestamp`; the others stand in where it is missing. -#}
{% macro segment_time() -%}
    coalesce(
        {{ parse_timestamp('timestamp') }},
        {{ parse_timestamp('original_timestamp') }},
        {{ parse_timestamp('received_at') }}
    )
{%- endmacro %}
