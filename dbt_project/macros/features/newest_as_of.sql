{#-
    The rows of a model's newest answer, none later than the run: a rerun of an old day sees its own
    past.
-#}
{% macro newest_as_of(relation) %}
    select answers.*
    from {{ relation }} as answers
    where answers.as_of = (
        select max(past.as_of)
        from {{ relation }} as past
        cross join {{ ref('staged_run_date') }} as run_date
        where past.as_of <= run_date.as_of
    )
{%- endmacro %}
