{#- The types of the contracts, as the engine writes them. -#}
{% macro contract_type(type_name) %}
    {% set types = {
        'id': dbt.type_string(),
        'text': dbt.type_string(),
        'integer': 'bigint',
        'money': 'decimal(18, 2)',
        'cost': 'decimal(18, 4)',
        'share': 'double',
        'date': 'date',
        'timestamp': 'timestamp',
        'boolean': 'boolean',
    } %}
    {% if type_name not in types %}
        {% do exceptions.raise_compiler_error(
            type_name ~ ' is no type of a contract: one of ' ~ types | join(', ')
        ) %}
    {% endif %}
    {{ return(types[type_name]) }}
{% endmacro %}

{#- A column of the contract that this source does not have. -#}
{% macro not_given(type_name) -%}
    cast(null as {{ contract_type(type_name) }})
{%- endmacro %}
