{#- Not sold over a counter; where nobody says how it was sold, it was. -#}
{% macro is_online(channel) -%}
    coalesce(
        lower(trim({{ channel }})) not in
        ('', 'store', 'in store', 'in-store', 'shop', 'branch', 'till', 'pos', 'offline'),
        false
    )
{%- endmacro %}
