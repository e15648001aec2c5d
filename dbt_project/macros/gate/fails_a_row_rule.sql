{#-
    True where a row of a staged entity breaks a rule that quarantines. The rules are read from the
    entity's YAML (config.meta.rules), so that what depends on a row's fate asks the same rules as
    the gate does and no rule is written twice.
-#}
{% macro fails_a_row_rule(entity) -%}
    {%- set predicates = [] -%}
    {%- for rule in row_rules(entity) -%}
        {%- do predicates.append('coalesce(' ~ rule.fails_when | trim ~ ', false)') -%}
    {%- endfor -%}
    ({{ predicates | join(' or ') or 'false' }})
{%- endmacro %}

{#- The rules that quarantine single rows of an entity. Unit tests give their own. -#}
{% macro row_rules(entity) %}
    {% set found = [] %}
    {% if execute %}
        {% for node in graph.nodes.values() if node.name == 'staged_' ~ entity %}
            {% for rule in node.config.meta.get('rules', []) %}
                {% if rule.kind == 'row' and rule.severity == 'quarantine' %}
                    {% do found.append(rule) %}
                {% endif %}
            {% endfor %}
        {% endfor %}
        {% if not found %}
            {% do exceptions.raise_compiler_error(
                'staged_' ~ entity ~ ' has no row rule in config.meta.rules'
            ) %}
        {% endif %}
    {% endif %}
    {{ return(found) }}
{% endmacro %}
