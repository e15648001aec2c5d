{#- Staged minus what the gate quarantined in its newest judgement of this entity. -#}
{% macro validated(entity) %}
with staged_rows as (
    select * from {{ ref('staged_' ~ entity) }}
),

quarantined_keys as (
    select distinct record_key
    from {{ source('quarantine', 'rows') }}
    where entity = '{{ entity }}' and is_current
),

validated_rows as (
    select staged_rows.*
    from staged_rows
    left join quarantined_keys on staged_rows.record_key = quarantined_keys.record_key
    where quarantined_keys.record_key is null
)

select * from validated_rows
{% endmacro %}
