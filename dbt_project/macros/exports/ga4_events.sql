{#-
    Google Analytics 4's BigQuery export (events_YYYYMMDD as JSON lines or Parquet) as web events.

    A day's table is exported again for up to three days, so of a file that came again the newest
    delivery counts. The export has no event number: an event is the same when all that tells events
    apart is the same.
    account_system, product_source: as in export_columns.
-#}
{% macro ga4_events(
    source_name, table_name, account_system=none, product_source=none
) %}
with delivered_rows as (
    {{ newest_delivery(source_name, table_name) }}
),

told as (
    select
        *,
        md5(
            coalesce(user_pseudo_id, '') || '|' || coalesce(event_timestamp, '') || '|'
            || coalesce(event_name, '') || '|' || coalesce(event_bundle_sequence_id, '') || '|'
            || coalesce(event_params, '') || '|' || coalesce(items, '')
        ) as event_id,
        coalesce(event_timestamp, '') <> '' and coalesce(event_name, '') <> '' as has_source_key
    from delivered_rows
),

numbered as (
    select
        *,
        row_number() over (
            partition by event_id, has_source_key, _unreadable
            order by _dlt_load_id desc, _source_file
        ) as copy_number
    from told
),

told_events as (
    select
        event_id || case when has_source_key then '' else '-' || {{ as_text('copy_number') }}
            || '-' || md5(coalesce(_unreadable, '')) end as source_key,
        has_source_key,
        event_id,
        {{ clean_text('user_id') }} as account_key,
        {{ clean_text('user_pseudo_id') }} as device_id,
        {{ clean_text('user_pseudo_id') }} || '.' || {{ json_parameter('event_params', 'ga_session_id') }}
            as session_id,
        {{ web_event_type('event_name') }} as event_type,
        {{ json_parameter('event_params', 'page_location') }} as page,
        coalesce(
            {{ json_parameter('event_params', 'item_id') }},
            {{ json_text('items', '[0].item_id') }}
        ) as product_id,
        {{ json_parameter('event_params', 'page_referrer') }} as referrer,
        lower({{ json_text('device', 'category') }}) as device_type,
        {{ timestamp_from_micros(to_integer('event_timestamp')) }} as occurred_at,
        case when {{ to_integer('event_timestamp') }} is null then event_timestamp end as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from numbered
    where copy_number = 1 or not has_source_key
),

mapped as (
    {{ export_columns('told_events', source_name, account_system, product_source) }}
)

select * from mapped
{% endmacro %}
