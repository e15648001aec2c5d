{#-
    The schema is the stage, exactly as written in dbt_project.yml: no prefix, so `staged` is
    `staged`.
-#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
