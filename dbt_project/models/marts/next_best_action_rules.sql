-- The list of macros/actions as a table, most urgent first.
{% for name, action in next_best_actions().items() %}
select
    cast({{ loop.index }} as bigint) as priority,
    '{{ name }}' as action,
    {{ literal_or_null(action.label) }} as label,
    {{ literal_or_null(action.department) }} as department,
    {{ literal_or_null(action.says) }} as definition,
    {{ literal_or_null(action.channels | join(', ')) }} as channels,
    cast({{ action.within_days or 'null' }} as bigint) as within_days,
    {{ 'false' if action.service or not action.channels else 'true' }} as needs_consent,
    {{ 'true' if action.uses_profile else 'false' }} as uses_profile,
    {{ 'true' if action.rests else 'false' }} as rests,
    {{ literal_or_null((action.graded_by or [none])[0]) }} as graded_subject,
    {{ literal_or_null((action.graded_by or [none, none])[1]) }} as graded_metric
{{ 'union all' if not loop.last }}
{% endfor %}
order by priority
