{#-
    The money of a line that only knows how many, the price of one, and what was taken off the line.
-#}
{% macro line_total(quantity, unit_price, discount=none) -%}
    cast(round(
        cast({{ quantity }} as decimal(18, 4)) * cast({{ unit_price }} as decimal(18, 6))
        {%- if discount %}
        - coalesce(cast({{ discount }} as decimal(18, 6)), 0)
        {%- endif %}, 2
    ) as decimal(18, 2))
{%- endmacro %}
