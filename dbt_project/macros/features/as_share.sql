{#-
    A share from 0 to 1; of nothing it is 0. More brought back than bought makes sums below zero:
    a part below zero is none, and no part is more than the whole.
-#}
{% macro as_share(numerator, denominator) -%}
    case
        when {{ numerator }} > 0 and {{ denominator }} > 0
            then least({{ as_ratio(numerator, denominator) }}, 1)
        else 0
    end
{%- endmacro %}
