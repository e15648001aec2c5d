{#-
    The sum over the last `days` days up to and including the feature date, or, with `skip`, over
    the days before the last `skip`: sum_in_window('sales_usd', 168, 84) is the 84 days before the
    last 84. Reads `days_ago` (0 is the feature date itself) and, with `activity`, only those kinds.
-#}
{% macro sum_in_window(column, days, skip=0, activity=none) -%}
    sum(case
        when days_ago < {{ days }} and days_ago >= {{ skip }}
        {%- if activity %} and activity in ('{{ activity | join("', '") }}'){% endif %}
            then {{ column }}
        else 0
    end)
{%- endmacro %}
