{#- Nothing of it can be less than nothing: units sold, ordered or expected. -#}
{% test never_below_zero(model, columns) %}
select *
from {{ model }}
where {{ columns | join(' < 0 or ') }} < 0
{% endtest %}
