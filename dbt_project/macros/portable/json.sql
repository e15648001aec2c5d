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

{#-
    A value of a JSON object given as text, as text; null where the text is no JSON or has no such
    value. path: dotted names, such as context.page.url.
-#}
{% macro json_text(expression, path) -%}
    {{ adapter.dispatch('json_text', 'customer_intelligence')(expression, path) }}
{%- endmacro %}

{% macro duckdb__json_text(expression, path) -%}
    case when json_valid({{ expression }})
        then nullif(json_extract_string({{ expression }}, '${{ '' if path.startswith('[') else '.' }}{{ path }}'), 'null') end
{%- endmacro %}

{% macro spark__json_text(expression, path) -%}
    get_json_object({{ expression }}, '${{ '' if path.startswith('[') else '.' }}{{ path }}')
{%- endmacro %}

{#-
    The value that a JSON list of {"key": …, "value": {…_value: …}} objects holds under a key, as
    text: how Google Analytics 4 exports parameters. Numbers come as numbers or as text.
-#}
{% macro json_parameter(expression, key) -%}
    {{ adapter.dispatch('json_parameter', 'customer_intelligence')(expression, key) }}
{%- endmacro %}

{% macro duckdb__json_parameter(expression, key) -%}
    {%- set kinds = '"string_value":"VARCHAR","int_value":"VARCHAR","double_value":"VARCHAR"' -%}
    {%- set shape = '[{"key":"VARCHAR","value":{' ~ kinds ~ '}}]' -%}
    {%- set found -%}
    list_extract(list_filter(from_json({{ expression }}, '{{ shape }}'), p -> p.key = '{{ key }}'), 1).value
    {%- endset -%}
    case when json_valid({{ expression }}) then
        coalesce({{ found }}.string_value, {{ found }}.int_value, {{ found }}.double_value)
    end
{%- endmacro %}

{% macro spark__json_parameter(expression, key) -%}
    {%- set kinds = 'string_value:string,int_value:string,double_value:string' -%}
    {%- set shape = 'array<struct<key:string,value:struct<' ~ kinds ~ '>>>' -%}
    {%- set found -%}
    get(filter(from_json({{ expression }}, '{{ shape }}'), p -> p.key = '{{ key }}'), 0).value
    {%- endset -%}
    coalesce({{ found }}.string_value, {{ found }}.int_value, {{ found }}.double_value)
{%- endmacro %}
