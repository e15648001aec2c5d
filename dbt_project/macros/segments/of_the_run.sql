{#-
    The rows that were made for the run's day, also when there are none: a segment that nobody is in
    any more must not show its members of the night before.
-#}
{% macro of_the_run(relation) %}
    select answers.*
    from {{ relation }} as answers
    inner join {{ ref('staged_run_date') }} as run_date on answers.as_of = run_date.as_of
{%- endmacro %}
