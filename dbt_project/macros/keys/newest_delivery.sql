{#-
    The rows of a raw table of files, without those of a file's earlier deliveries: a file that
    changed is loaded again as a whole. A row that names no file is kept.
-#}
{% macro newest_delivery(source_name, table_name) %}
    select source_rows.*
    from {{ source(source_name, table_name) }} as source_rows
    left join (
        select
            _source_file as delivered_file,
            max(_dlt_load_id) as newest_load_id
        from {{ source(source_name, table_name) }}
        where _source_file is not null
        group by _source_file
    ) as deliveries on source_rows._source_file = deliveries.delivered_file
    where deliveries.delivered_file is null or source_rows._dlt_load_id = deliveries.newest_load_id
{%- endmacro %}
