{#- All sources that are Parquet in the lake, in the order of their names. -#}
{% macro lake_tables() %}
    {% set tables = [] %}
    {% for node in graph.sources.values() | sort(attribute='unique_id') %}
        {% if node.config.meta.get('location') %}
            {% do tables.append(node) %}
        {% endif %}
    {% endfor %}
    {{ return(tables) }}
{% endmacro %}

{#-
    The declared columns of one source: the YAML is the only place that lists them. Unit tests,
    which know no YAML, give their own.
-#}
{% macro lake_columns(source_name, table_name) %}
    {% if not execute %}
        {{ return([]) }}
    {% endif %}
    {% for node in lake_tables() if node.source_name == source_name and node.name == table_name %}
        {{ return(node.columns.values() | list) }}
    {% endfor %}
    {% do exceptions.raise_compiler_error(
        'source ' ~ source_name ~ '.' ~ table_name ~ ' is not declared with config.meta.location'
    ) %}
{% endmacro %}
