{#-
    All rows of an entity, whichever system they came from: the models listed for it in
    dbt_project.yml (vars: feeds), one below the other, with the columns of its contract. Adds
    source_system (from the model's name), record_key, and account_record_key where the contract
    names an account. An entity that nothing feeds has the same columns and no rows.
-#}
{% macro all_sources(entity) %}
    {%- set contract = entity_contract(entity) -%}
    {%- set models = feeding_models(entity) %}
    select
        md5(source_system || '|' || source_key) as record_key,
        source_system,
        source_key,
        has_source_key,
        party_data_class,
        {%- for column in contract %}
        {{ column }},
        {%- endfor %}
        {%- if 'account_key' in contract %}
        md5(account_system || '|' || account_key) as account_record_key,
        {%- endif %}
        unreadable_line,
        loaded_at
    from (
        {%- for model in models %}
        select
            '{{ source_of_model(model) }}' as source_system,
            source_key,
            has_source_key,
            party_data_class,
            {%- for column, type_name in contract.items() %}
            cast({{ column }} as {{ contract_type(type_name) }}) as {{ column }},
            {%- endfor %}
            unreadable_line,
            loaded_at
        from {{ ref(model) }}
        {{- '\n        union all' if not loop.last }}
        {%- else %}
        select
            {{ not_given('text') }} as source_system,
            {{ not_given('text') }} as source_key,
            {{ not_given('boolean') }} as has_source_key,
            {{ not_given('text') }} as party_data_class,
            {%- for column, type_name in contract.items() %}
            {{ not_given(type_name) }} as {{ column }},
            {%- endfor %}
            {{ not_given('text') }} as unreadable_line,
            {{ not_given('timestamp') }} as loaded_at
        where false
        {%- endfor %}
    ) as source_rows
{%- endmacro %}

{#- The columns of an entity's contract, in order: {name: type}. -#}
{% macro entity_contract(entity) %}
    {% set columns = {} %}
    {% for column, said in entity_contracts()[entity].items() %}
        {% do columns.update({column: said.split(' | ')[0]}) %}
    {% endfor %}
    {{ return(columns) }}
{% endmacro %}

{#- The models that feed an entity. Unit tests give their own, so that a new source breaks none. -#}
{% macro feeding_models(entity) %}
    {{ return(var('feeds')[entity] or []) }}
{% endmacro %}

{#- stg_<source>__<name> -> <source>. -#}
{% macro source_of_model(model) %}
    {{ return(model.split('__')[0] | replace('stg_', '', 1)) }}
{% endmacro %}
