{#-
    What leaving means in this business: var `churn` of dbt_project.yml, complete and checked. A
    mistake stops dbt as it parses, with one line that says where.
-#}
{% macro churn_rules() %}
    {% set defaults = {
        'definition': 'window', 'window_days': 28, 'active_windows': 2,
        'rhythm_gaps': 3, 'rhythm_least_days': 14, 'rhythm_most_days': 84, 'contracts': none,
    } %}
    {% set said = var('churn', none) or {} %}
    {% if said is not mapping %}
        {% do _churn_mistake('names with values are expected below it, such as window_days: 28') %}
    {% endif %}
    {% for name in said if name not in defaults %}
        {% do _churn_mistake(name ~ ' is not known: one of ' ~ defaults | join(', ')) %}
    {% endfor %}
    {% set rules = {} %}
    {% do rules.update(defaults) %}
    {% do rules.update(said) %}
    {% set definitions = ['window', 'rhythm', 'contract'] %}
    {% if rules.definition not in definitions %}
        {% do _churn_mistake(
            'definition: ' ~ rules.definition ~ ' is not known: one of ' ~ definitions | join(', ')
        ) %}
    {% endif %}
    {% for name in ['window_days', 'active_windows', 'rhythm_least_days', 'rhythm_most_days'] %}
        {% if rules[name] is not integer or not 1 <= rules[name] <= 3650 %}
            {% do _churn_mistake(
                name ~ ': ' ~ rules[name] ~ ' is not a whole number from 1 to 3650'
            ) %}
        {% endif %}
    {% endfor %}
    {% if rules.rhythm_gaps is not number or not 1 <= rules.rhythm_gaps <= 100 %}
        {% do _churn_mistake('rhythm_gaps: ' ~ rules.rhythm_gaps ~ ' is not a number from 1 to 100') %}
    {% endif %}
    {% if rules.rhythm_least_days > rules.rhythm_most_days %}
        {% do _churn_mistake('rhythm_least_days is more than rhythm_most_days') %}
    {% endif %}
    {% if rules.definition == 'contract' and not churn_contracts() %}
        {% do _churn_mistake(
            'definition: contract needs contracts: the name of a model with customer_id, started_on, '
            ~ 'cancelled_on'
        ) %}
    {% endif %}
    {% do rules.update({
        'known_after_days':
            rules.rhythm_most_days if rules.definition == 'rhythm' else rules.window_days
    }) %}
    {{ return(rules) }}
{% endmacro %}

{#- The relation of contracts (customer_id, started_on, cancelled_on), or none where none is declared. -#}
{% macro churn_contracts() %}
    {% set name = (var('churn', none) or {}).get('contracts') %}
    {{ return(ref(name) if name else none) }}
{% endmacro %}

{% macro _churn_mistake(text) %}
    {% do exceptions.raise_compiler_error('dbt_project.yml, vars, churn: ' ~ text) %}
{% endmacro %}
