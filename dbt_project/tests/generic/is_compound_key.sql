{#-
    The columns together are there and there once: what a model keyed by customer and day relies on.
-#}
{% test is_compound_key(model, columns) %}
select
    {{ columns | join(', ') }},
    count(*) as row_count
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1 or {{ columns | join(' is null or ') }} is null
{% endtest %}
