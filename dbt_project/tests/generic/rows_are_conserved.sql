{#-
    Prevents: rows that vanish between staged and validated without anyone being told, or a
    quarantine that still holds out rows of yesterday. Of an entity whose source has no key, equal
    broken rows share one: there may be fewer keys than rows in quarantine, but never none.
-#}
{% test rows_are_conserved(model, staged, has_own_keys=true) %}
with counts as (
    select
        (select count(*) from {{ staged }}) as staged_rows,
        (select count(*) from {{ model }}) as validated_rows,
        (
            select count(distinct record_key)
            from {{ source('quarantine', 'rows') }}
            where is_current and entity = '{{ staged.identifier }}'
        ) as quarantined_rows
),

compared as (
    select
        *,
        staged_rows - validated_rows as missing_rows
    from counts
)

select *
from compared
where missing_rows < quarantined_rows
    or (quarantined_rows = 0 and missing_rows > 0)
{%- if has_own_keys %}
    or missing_rows > quarantined_rows
{%- endif %}
{% endtest %}
