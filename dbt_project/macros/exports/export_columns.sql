{#-
    The columns of the contract of web_events, in its order, from an export's events. Numbers of
    events, visits and products are the export's own, unless product_source names the system whose
    product numbers it speaks; account_system likewise for the accounts.
-#}
{% macro export_columns(events, source_name, account_system, product_source) -%}
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        {{ own_id(source_name, 'event_id') }} as event_id,
        '{{ account_system or source_name }}' as account_system,
        account_key,
        device_id,
        {{ own_id(source_name, 'session_id') }} as session_id,
        event_type,
        page,
        {{ 'product_id' if product_source else own_id(source_name, 'product_id') }} as product_id,
        referrer,
        device_type,
        occurred_at,
        occurred_at_raw,
        unreadable_line,
        loaded_at
    from {{ events }}
{%- endmacro %}
