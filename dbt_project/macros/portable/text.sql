{#- Text: casts, cleaning, regular expressions. Patterns use character classes such as [0-9] and no
    look-around, which RE2 (DuckDB) and Java (Spark) read alike. -#}

{% macro as_text(expression) -%}
    cast({{ expression }} as {{ dbt.type_string() }})
{%- endmacro %}

{#- A text of this project in a query; nothing is null. -#}
{% macro literal_or_null(text) -%}
    {%- if text -%} '{{ text | replace("'", "''") }}'
    {%- else -%} cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}

{#- Trimmed; empty text is no text. -#}
{% macro clean_text(expression) -%}
    nullif(trim({{ expression }}), '')
{%- endmacro %}

{% macro re_match(expression, pattern) -%}
    {{ adapter.dispatch('re_match', 'customer_intelligence')(expression, pattern) }}
{%- endmacro %}

{% macro duckdb__re_match(expression, pattern) -%}
    regexp_matches({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{% macro spark__re_match(expression, pattern) -%}
    regexp_like({{ expression }}, '{{ pattern }}')
{%- endmacro %}

{#- Replaces every match. -#}
{% macro re_replace(expression, pattern, replacement) -%}
    {{ adapter.dispatch('re_replace', 'customer_intelligence')(expression, pattern, replacement) }}
{%- endmacro %}

{% macro duckdb__re_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}', 'g')
{%- endmacro %}

{% macro spark__re_replace(expression, pattern, replacement) -%}
    regexp_replace({{ expression }}, '{{ pattern }}', '{{ replacement }}')
{%- endmacro %}
