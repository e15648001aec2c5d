{#- 1 to 5 from a percent_rank of 0 to 1: each fifth of the customers gets one score. -#}
{% macro fifth(rank) -%}
    cast(case
        when {{ rank }} < 0.2 then 1
        when {{ rank }} < 0.4 then 2
        when {{ rank }} < 0.6 then 3
        when {{ rank }} < 0.8 then 4
        else 5
    end as bigint)
{%- endmacro %}
