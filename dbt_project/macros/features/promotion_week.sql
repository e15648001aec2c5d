{#- The promotion files count weeks: week 1 is the week of this Monday. -#}
{% macro first_promotion_week() -%}
    date '2016-12-26'
{%- endmacro %}

{% macro promotion_week(week_start) -%}
    cast(floor({{ days_between(first_promotion_week(), week_start) }} / 7.0) + 1 as bigint)
{%- endmacro %}
