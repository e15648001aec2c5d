-- Prevents: rows that vanish between staged and validated without anyone being told, or a
-- quarantine that still holds out rows of yesterday.
{{ config(meta={'dagster': {'ref': {'name': 'validated_orders'}}}) }}
{%- set entities = [
    'customer_records', 'products', 'stores', 'orders', 'order_lines', 'campaigns', 'coupons',
    'coupon_redemptions', 'campaign_touches', 'promotions', 'web_events', 'support_cases', 'calls',
    'survey_responses', 'mentions', 'opportunities', 'demographics'
] %}

with counts as (
    {%- for entity in entities %}
    select
        '{{ entity }}' as entity,
        (select count(*) from {{ ref('staged_' ~ entity) }}) as staged_rows,
        (select count(*) from {{ ref('validated_' ~ entity) }}) as validated_rows
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

quarantined as (
    select
        entity,
        count(distinct record_key) as quarantined_rows
    from {{ source('quarantine', 'rows') }}
    where is_current
    group by entity
),

compared as (
    select
        counts.entity,
        counts.staged_rows,
        counts.validated_rows,
        counts.staged_rows - counts.validated_rows as missing_rows,
        coalesce(quarantined.quarantined_rows, 0) as quarantined_rows
    from counts
    left join quarantined on counts.entity = quarantined.entity
)

-- Promotions have no key of their own in the source: equal broken rows share one, so there may be
-- fewer keys than rows in quarantine, but never none.
select *
from compared
where missing_rows < quarantined_rows
    or (entity <> 'promotions' and missing_rows > quarantined_rows)
    or (quarantined_rows = 0 and missing_rows > 0)
