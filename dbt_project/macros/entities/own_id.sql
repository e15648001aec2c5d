{#-
    An id that only this source can have given: '<source>:<id>'. Order 1 of the shop and order 1 of
    the ERP are two orders. The ERP, and systems that speak its numbers, write theirs bare.
-#}
{% macro own_id(source_name, expression) -%}
    '{{ source_name }}:' || nullif(trim({{ as_text(expression) }}), '')
{%- endmacro %}
