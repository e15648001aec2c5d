{#-
    From -1 (all of it gone) over 0 (as before, or nothing in both) to 1 (all of it new): the
    difference as a share of both together. Unlike a ratio it has no infinity, and up weighs as much
    as down. Amounts below zero (more returned than bought) count as none.
-#}
{% macro change_from(now, before) -%}
    coalesce({{ as_ratio(
        'greatest(' ~ now ~ ', 0) - greatest(' ~ before ~ ', 0)',
        'greatest(' ~ now ~ ', 0) + greatest(' ~ before ~ ', 0)'
    ) }}, 0)
{%- endmacro %}
