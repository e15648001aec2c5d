{#-
    Days of silence after which a customer with this usual gap between order days is at risk, or has
    lapsed: so many of the customer's own gaps, but never fewer or more days than the limits of
    dbt_project.yml.
-#}
{% macro silence_limit(stage, usual_gap_days) -%}
    {%- set limits = var('lifecycle')[stage] -%}
    least(
        greatest({{ limits.gaps }} * {{ usual_gap_days }}, {{ limits.least_days }}), {{ limits.most_days }}
    )
{%- endmacro %}
