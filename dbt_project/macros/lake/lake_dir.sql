{% macro lake_dir() -%}
    {{ var('lake_dir', none) or env_var('PIPELINE_DATA_DIR', 'data') ~ '/lake' }}
{%- endmacro %}
