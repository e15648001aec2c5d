{#-
    The lower end of a band: 35 of 35-44, 65 of 65+, 5 of 5+; 0 of Under 15K, which starts at
    nothing.
-#}
{% macro first_number(band) -%}
    case
        when lower(trim({{ band }})) like 'under%' or trim({{ band }}) like '<%' then 0
        else {{ to_integer(
            re_replace(re_replace(band, '^[^0-9]+', ''), '[^0-9].*$', '')
        ) }}
    end
{%- endmacro %}
