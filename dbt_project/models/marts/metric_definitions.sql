-- What each metric means: the list of macros/metrics as a table.
{% for name, metric in metrics().items() %}
select
    '{{ name }}' as metric,
    '{{ metric.label }}' as label,
    '{{ metric.unit }}' as unit,
    '{{ metric.better }}' as better,
    '{{ metric.of }}' as numerator,
    {% if metric.per is defined %}'{{ metric.per }}'{% else %}cast(null as {{ dbt.type_string() }}){% endif %} as denominator,
    '{{ metric.says }}' as definition
{{ 'union all' if not loop.last }}
{% endfor %}
order by metric
