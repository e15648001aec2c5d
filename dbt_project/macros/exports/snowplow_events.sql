{#-
    Snowplow's enriched events (tab-separated, 131 fields, no header) as web events. A structured
    event is known by its action, a page ping counts as scrolling.
    account_system, product_source: as in export_columns.
-#}
{% macro snowplow_events(
    source_name, table_name, account_system=none, product_source=none
) %}
with newest_rows as (
    {{ newest_version(source_name, table_name, key=['event_id'], newest_by=['etl_tstamp']) }}
),

told_events as (
    select
        source_key,
        has_source_key,
        event_id,
        {{ clean_text('user_id') }} as account_key,
        coalesce({{ clean_text('domain_userid') }}, {{ clean_text('network_userid') }}) as device_id,
        {{ clean_text('domain_sessionid') }} as session_id,
        case
            when event = 'struct' then {{ web_event_type('se_action') }}
            else {{ web_event_type(
                'coalesce(' ~ clean_text('event_name') ~ ', ' ~ clean_text('event') ~ ')'
            ) }}
        end as event_type,
        coalesce({{ clean_text('page_urlpath') }}, {{ clean_text('page_url') }}) as page,
        coalesce(
            {{ clean_text('ti_sku') }},
            case when se_category = 'ecomm' then {{ clean_text('se_label') }} end
        ) as product_id,
        {{ clean_text('page_referrer') }} as referrer,
        lower({{ clean_text('dvce_type') }}) as device_type,
        coalesce(
            {{ parse_timestamp('derived_tstamp') }}, {{ parse_timestamp('collector_tstamp') }}
        ) as occurred_at,
        case
            when coalesce(
                {{ parse_timestamp('derived_tstamp') }}, {{ parse_timestamp('collector_tstamp') }}
            ) is null then coalesce(derived_tstamp, collector_tstamp)
        end as occurred_at_raw,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
),

mapped as (
    {{ export_columns('told_events', source_name, account_system, product_source) }}
)

select * from mapped
{% endmacro %}
