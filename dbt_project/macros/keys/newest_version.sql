{#-
    The newest version of each row of a raw table, which is append-only: a changed row comes again.

    key: the columns that name a row in its source. newest_by: what says which version is newer; the
    load decides between equals, then (for files) the file name and the content, so the choice is
    total.

    Rows without a usable key (unreadable lines, empty keys) cannot be versions of each other: each
    is kept, with a `source_key` made of its content, and counted one by one so that none is lost.
    Of a file that was delivered again only the newest delivery counts, so that its lines keep their
    keys and come once.
    A row that says no time of change counts as changed when it was loaded.

    deletions: true for a table whose keys are compared (compare_keys in its declaration). Versions
    that landed before their key was noticed as deleted are left out; what lands later is there
    again.
    Adds source_key and has_source_key to the columns of the source.
-#}
{% macro newest_version(source_name, table_name, key, newest_by=[], deletions=false) %}
    {%- set columns = lake_columns(source_name, table_name) -%}
    {%- set names = columns | map(attribute='name') | list -%}
    {%- set moments = columns | selectattr('data_type', 'equalto', 'timestamp') | map(attribute='name') | list -%}
    {%- set order = [] -%}
    {%- for column in newest_by -%}
        {%- if column in moments and '_loaded_at' in names -%}
            {%- do order.append('coalesce(' ~ adapter.quote(column) ~ ', _loaded_at)') -%}
        {%- else -%}
            {%- do order.append(adapter.quote(column)) -%}
        {%- endif -%}
    {%- endfor -%}
    {%- do order.append('_dlt_load_id') -%}
    {%- if '_source_file' in names -%}
        {%- set told = names | reject('in', newest_by + key + lake_notes()) | list -%}
        {%- do order.append('_source_file') -%}
        {%- for column in told -%}
            {%- do order.append(adapter.quote(column)) -%}
        {%- endfor -%}
    {%- endif -%}
    {%- set content = [] -%}
    {%- for column in columns if column.name not in ['_dlt_load_id', '_loaded_at'] -%}
        {%- if column.data_type != 'double' -%}{#- the text of a double differs between engines -#}
            {%- do content.append("coalesce(" ~ as_text(adapter.quote(column.name)) ~ ", '')") -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set content = content | join(" || '|' || ") or "''" -%}
    {%- set key_texts = [] -%}
    {%- set key_checks = [] -%}
    {%- set quoted_key = [] -%}
    {%- for column in key -%}
        {%- do quoted_key.append(adapter.quote(column)) -%}
        {%- do key_texts.append(as_text(adapter.quote(column))) -%}
        {%- do key_checks.append(as_text(adapter.quote(column)) ~ " <> ''") -%}
    {%- endfor %}
    select *
    from (
        select
            *,
            {{ key_texts | join(" || '|' || ") }} as source_key,
            true as has_source_key,
            row_number() over (
                partition by {{ quoted_key | join(', ') }}
                order by {{ order | join(' desc nulls last, ') }} desc nulls last
            ) as version_number
        from {% if deletions -%}
            ({{ not_deleted(source_name, table_name, key_texts) }}) as present_rows
        {%- else -%}
            {{ source(source_name, table_name) }}
        {%- endif %}
        where {{ key_checks | join(' and ') }}
    ) as versions
    where version_number = 1
    union all
    select
        *,
        'no key ' || md5({{ content }} || '|' || {{ as_text(
            'row_number() over (partition by ' ~ content ~ ' order by _dlt_load_id)'
        ) }}) as source_key,
        false as has_source_key,
        1 as version_number
    from {% if '_source_file' in names -%}
        ({{ newest_delivery(source_name, table_name) }}) as delivered_rows
    {%- else -%}
        {{ source(source_name, table_name) }}
    {%- endif %}
    where not coalesce({{ key_checks | join(' and ') }}, false)
{%- endmacro %}

{#-
    The rows of a raw table, without those that landed before their key was noticed as deleted in the
    source. A key noticed as back has all its rows again.
-#}
{% macro not_deleted(source_name, table_name, key_texts) %}
    select source_rows.*
    from {{ source(source_name, table_name) }} as source_rows
    left join (
        select
            source_key as deleted_key,
            _dlt_load_id as deleted_load_id
        from (
            select
                *,
                row_number() over (
                    partition by source_key
                    order by _dlt_load_id desc nulls last
                ) as notice_number
            from {{ source(source_name, '_deletions') }}
            where table_name = '{{ table_name }}'
        ) as notices
        where notice_number = 1 and is_deleted
    ) as deleted_keys
        on {{ key_texts | join(" || '|' || ") }} = deleted_keys.deleted_key
        and source_rows._dlt_load_id <= deleted_keys.deleted_load_id
    where deleted_keys.deleted_key is null
{%- endmacro %}

{#- What the loader notes about a row: not part of what the source said. -#}
{% macro lake_notes() %}
    {{ return(['_dlt_load_id', '_loaded_at', '_source_file', '_unreadable']) }}
{% endmacro %}
