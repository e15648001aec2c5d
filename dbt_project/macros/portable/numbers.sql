{#- The numbers 0 to count - 1 in a column `n`; both engines have the table function `range`. -#}
{% macro numbers(count) -%}
    select cast(n as bigint) as n from range({{ count }}) as numbers(n)
{%- endmacro %}
