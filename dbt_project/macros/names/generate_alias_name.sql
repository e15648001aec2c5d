{#-
    dbt wants one model name per project, the design wants one entity name in every stage.
    A model is therefore named `<stage>_<entity>` and its table `<stage>.<entity>`:
    staged_orders -> staged.orders, validated_orders -> validated.orders, orders -> marts.orders.
-#}
{% macro generate_alias_name(custom_alias_name=none, node=none) -%}
    {%- if custom_alias_name -%}
        {{ custom_alias_name | trim }}
    {%- else -%}
        {%- set stage = (node.config.schema or '') ~ '_' -%}
        {%- if stage != '_' and node.name.startswith(stage) -%}
            {{ node.name[stage | length:] }}
        {%- else -%}
            {{ node.name }}
        {%- endif -%}
    {%- endif -%}
{%- endmacro %}
