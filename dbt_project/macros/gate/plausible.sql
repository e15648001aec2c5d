{#- What no honest system can say of a time, a person or a period. -#}

{% macro is_before_the_company(time) -%}
    coalesce({{ time }} < cast('{{ var("company_founded") }}' as date), false)
{%- endmacro %}

{#- Older than 120 at a time: the oldest person known lived to 122, and one in a billion is that old. -#}
{% macro is_implausibly_old(birth_date, time) -%}
    coalesce({{ age_in_years(birth_date, time) }} > 120, false)
{%- endmacro %}

{% macro is_longer_than_a_year(first_day, last_day) -%}
    coalesce({{ days_between(first_day, last_day) }} > 366, false)
{%- endmacro %}

{#- The same content under several keys. A row that lacks one of the columns is like no other. -#}
{% macro comes_twice(columns) -%}
    (
        {{ columns | join(' is not null and ') }} is not null
        and count(*) over (partition by {{ columns | join(', ') }}) > 1
    )
{%- endmacro %}
