{#-
    A table that is built one slice of customers after the other, so that memory does not grow with
    their number. The model leaves out whoever is not `in_slice`; each row must follow from its
    customer alone. Up to the size of one slice it is a table like any other.

    The work is the days with a purchase times the dates of the model (meta: dates, which names the
    relation of these); a slice is about var `most_rows_at_once` of it. Rows are in the order of the
    model within each slice.
-#}
{% macro built_by_customer() -%}
    {{ return('by_customer' if target.type == 'duckdb' else 'table') }}
{%- endmacro %}

{% materialization by_customer, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {%- set existing = load_cached_relation(this) -%}
    {%- set unfinished = make_intermediate_relation(target_relation) -%}
    {%- set old = make_backup_relation(target_relation, existing.type if existing else 'table') -%}
    {{ drop_relation_if_exists(load_cached_relation(unfinished)) }}
    {{ drop_relation_if_exists(load_cached_relation(old)) }}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}

    {%- set work = run_query(
        'select (select count(*) from ' ~ ref('unified_customer_days') ~ ')'
        ~ ' * (select count(distinct as_of) from ' ~ ref(config.require('meta')['dates']) ~ ')'
    ).rows[0][0] -%}
    {%- set slices = [(work / (var('most_rows_at_once') | int)) | round(0, 'ceil') | int, 1] | max -%}
    {%- for slice in range(slices) %}
        {%- if slices > 1 %}
            {%- do run_query('set variable slices = ' ~ slices) %}
            {%- do run_query('set variable slice = ' ~ slice) %}
        {%- endif %}
        {%- call statement('main') %}
            {%- if loop.first %}
                {{ create_table_as(False, unfinished, compiled_code, 'sql') }}
            {%- else %}
                insert into {{ unfinished }} {{ compiled_code }}
            {%- endif %}
        {%- endcall %}
    {%- endfor %}
    {%- if slices > 1 %}
        {%- do run_query('reset variable slices') %}
        {%- do run_query('reset variable slice') %}
    {%- endif %}

    {%- if existing is not none %}
        {%- do drop_indexes_on_relation(existing) %}
        {{ adapter.rename_relation(existing, old) }}
    {%- endif %}
    {{ adapter.rename_relation(unfinished, target_relation) }}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {%- do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ drop_relation_if_exists(old) }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}
