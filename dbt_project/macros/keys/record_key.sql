{#- The stable surrogate key of the conformed contract: md5 of source_system|source_key. -#}
{% macro record_key(source_system, source_key) -%}
    md5('{{ source_system }}|' || {{ source_key }})
{%- endmacro %}
