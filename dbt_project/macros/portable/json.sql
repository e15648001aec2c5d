{#- The number of elements of a JSON list given as text; null where the text is no such list. -#}
{% macro json_list_length(expression) -%}
    {{ adapter.dispatch('json_list_length', 'customer_intelligence')(expression) }}
{%- endmacro %}

{% macro duckdb__json_list_length(expression) -%}
    case
        when json_valid({{ expression }}) then case
            when json_type({{ expression }}) = 'ARRAY'
                then cast(json_array_length({{ expression }}) as bigint)
        end
    end
{%- endmacro %}

{% macro spark__json_list_length(expression) -%}
    cast(json_array_length({{ expression }}) as bigint)
{%- endmacro %}
