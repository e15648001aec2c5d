{#-
    Makes every source readable: a view over its Parquet files, with the declared columns in the
    declared types. It runs before every dbt command, because files appear during the night:
      - no file yet  -> an empty view of the same shape, so what depends on it still builds;
      - a column that no file has (a loader leaves out what was always empty) -> null, and a log
        line;
      - a column of another type in some file -> read value by value, null where a value is not of
        the declared type, and a log line with their number: one mistyped file must not stop every
        later night. Where the source declares _unreadable, it then says which columns of the row
        could not be read (not their values), so that the gate sets the row aside;
      - a time with a zone -> the same moment in UTC without one, whatever the reader's session
        says.
-#}
{% macro register_lake() %}
    {% if execute %}
        {{ adapter.dispatch('register_lake', 'customer_intelligence')() }}
    {% endif %}
{% endmacro %}

{% macro duckdb__register_lake() %}
    {% set tables = lake_tables() %}
    {% set has_files = _lake_tables_with_files(tables) %}
    {% set statements = [] %}
    {% for schema in tables | map(attribute='schema') | unique | sort %}
        {% do statements.append('create schema if not exists ' ~ adapter.quote(schema)) %}
    {% endfor %}
    {% for table in tables %}
        {% set view = adapter.quote(table.schema) ~ '.' ~ adapter.quote(table.identifier) %}
        {% set files = _parquet_files(table) if has_files.get(table.unique_id) else none %}
        {% do statements.append(
            'create or replace view ' ~ view ~ ' as ' ~ _typed_select(table, files)
        ) %}
    {% endfor %}
    {% do run_query(statements | join(';\n')) %}
{% endmacro %}

{% macro _lake_glob(table) -%}
    '{{ (lake_dir() ~ '/' ~ table.config.meta.location) | replace("'", "''") }}'
{%- endmacro %}

{% macro _parquet_files(table) -%}
    read_parquet({{ _lake_glob(table) }}, union_by_name = true)
{%- endmacro %}

{#- One question for all sources: who has files? -#}
{% macro _lake_tables_with_files(tables) %}
    {% set questions = [] %}
    {% for table in tables %}
        {% do questions.append(
            "select '" ~ table.unique_id ~ "' as unique_id, count(*) as files from glob("
            ~ _lake_glob(table) ~ ")"
        ) %}
    {% endfor %}
    {% set found = {} %}
    {% for row in run_query(questions | join('\nunion all\n')).rows %}
        {% do found.update({row[0]: row[1] > 0}) %}
    {% endfor %}
    {{ return(found) }}
{% endmacro %}

{% macro _typed_select(table, files) %}
    {% set in_files = {} %}
    {% if files %}
        {% for row in run_query('describe select * from ' ~ files).rows %}
            {% do in_files.update({row[0] | lower: row[1]}) %}
        {% endfor %}
    {% endif %}
    {% set expressions = [] %}
    {% set misfits = [] %}
    {% set notes = [] %}
    {% for column in table.columns.values() if column.name == '_unreadable' %}
        {% do notes.append(column.name) %}
    {% endfor %}
    {% for column in table.columns.values() if column.name not in notes %}
        {% set name = adapter.quote(column.name) %}
        {% set found_type = in_files.get(column.name | lower, '') %}
        {% if column.name | lower not in in_files %}
            {% if files %}
                {% do log(
                    'lake: no file of ' ~ table.source_name ~ '.' ~ table.name ~ ' has the column '
                    ~ column.name ~ '; it is read as empty', info=true
                ) %}
            {% endif %}
            {% set value = 'null' %}
        {% elif found_type == 'TIMESTAMP WITH TIME ZONE' %}
            {% set value = "timezone('UTC', " ~ name ~ ")" %}
        {% elif found_type == 'VARCHAR' and column.data_type != 'varchar' %}
            {% set value = text_to_type(name, column.data_type) %}
        {% else %}
            {% set value = name %}
        {% endif %}
        {% if not _always_fits(found_type, column.data_type) %}
            {% do _log_mistyped(table, column, value, files) %}
            {% do misfits.append(
                'case when ' ~ name ~ ' is not null and try_cast(' ~ value ~ ' as '
                ~ column.data_type ~ ") is null then '" ~ column.name ~ ' is not a '
                ~ column.data_type ~ "' end"
            ) %}
        {% endif %}
        {% do expressions.append(
            'try_cast(' ~ value ~ ' as ' ~ column.data_type ~ ') as ' ~ name
        ) %}
    {% endfor %}
    {% if notes %}
        {% set told = ["nullif(concat_ws(', ', " ~ misfits | join(', ') ~ "), '')"] if misfits else [] %}
        {% if '_unreadable' in in_files %}{% set told = ['cast(_unreadable as varchar)'] + told %}{% endif %}
        {% do expressions.append(
            ('coalesce(' ~ told | join(', ') ~ ')' if told else 'cast(null as varchar)')
            ~ ' as _unreadable'
        ) %}
    {% endif %}
    {{ return(
        'select ' ~ expressions | join(', ') ~ (' from ' ~ files if files else ' where false')
    ) }}
{% endmacro %}

{#- Whether every value of the type in the files is one of the declared type. -#}
{% macro _always_fits(found_type, data_type) %}
    {% set found = found_type | lower | replace(' ', '') %}
    {% set declared = data_type | lower | replace(' ', '') %}
    {% set wholes = ['tinyint', 'smallint', 'integer', 'bigint', 'utinyint', 'usmallint', 'uinteger'] %}
    {{ return(
        found in ('', declared) or declared == 'varchar'
        or (declared == 'bigint' and found in wholes)
        or (declared == 'double' and (found in wholes or found == 'float' or 'decimal' in found))
        or (declared == 'timestamp' and found in ('timestampwithtimezone', 'date'))
    ) }}
{% endmacro %}

{% macro _log_mistyped(table, column, value, files) %}
    {% set name = adapter.quote(column.name) %}
    {% set mistyped = run_query(
        'select count(*) from ' ~ files ~ ' where ' ~ name ~ ' is not null and try_cast(' ~ value
        ~ ' as ' ~ column.data_type ~ ') is null'
    ).rows[0][0] %}
    {% if mistyped %}
        {% do log(
            'lake: ' ~ table.source_name ~ '.' ~ table.name ~ ': ' ~ mistyped
            ~ ' values of the column ' ~ column.name ~ ' are not a ' ~ column.data_type
            ~ ' and are read as empty', info=true
        ) %}
    {% endif %}
{% endmacro %}
