{#-
    True for the customers of the slice that is being worked on, for everybody where there are no
    slices; see the materialization by_customer, which says which slice it is. Only for conditions
    that may leave a customer out whole.
-#}
{% macro in_slice(customer) -%}
    {{ return(adapter.dispatch('in_slice', 'customer_intelligence')(customer)) }}
{%- endmacro %}

{% macro duckdb__in_slice(customer) -%}
    {{ return(
        "coalesce(hash(" ~ customer ~ ") % cast(getvariable('slices') as ubigint)"
        ~ " = cast(getvariable('slice') as ubigint), true)"
    ) }}
{%- endmacro %}

{#- A cluster spreads the customers over its machines by itself. -#}
{% macro spark__in_slice(customer) -%}
    {{ return('true') }}
{%- endmacro %}
