{#-
    An aggregate: the rows of a group as a JSON list of objects, as text, ordered by their first
    column. columns: {name: expression}.
-#}
{% macro json_rows(columns, having='true') -%}
    {{ adapter.dispatch('json_rows', 'customer_intelligence')(columns, having) }}
{%- endmacro %}

{% macro duckdb__json_rows(columns, having) -%}
    {%- set parts = [] -%}
    {%- for name, expression in columns.items() -%}
        {%- do parts.append(name ~ ' := ' ~ expression) -%}
    {%- endfor -%}
    cast(to_json(
        list(struct_pack({{ parts | join(', ') }}) order by {{ columns.values() | first }})
        filter (where {{ having }})
    ) as varchar)
{%- endmacro %}

{% macro spark__json_rows(columns, having) -%}
    {%- set parts = [] -%}
    {%- for name, expression in columns.items() -%}
        {%- do parts.append("'" ~ name ~ "', " ~ expression) -%}
    {%- endfor -%}
    to_json(array_sort(
        collect_list(named_struct({{ parts | join(', ') }})) filter (where {{ having }})
    ))
{%- endmacro %}
