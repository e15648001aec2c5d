-- Prevents: a golden name or address put together from two records. A country may come from another
-- record that writes the same address.
{{ config(meta={'dagster': {'ref': {'name': 'unified_golden_fields'}}}) }}
select
    customer_id,
    count(distinct case when field in ('full_name', 'given_name', 'family_name') then record_key end)
        as name_records,
    count(distinct case when field in ('street', 'city', 'postcode') then record_key end)
        as address_records
from {{ ref('unified_golden_fields') }}
where value is not null
group by customer_id
having
    count(distinct case when field in ('full_name', 'given_name', 'family_name') then record_key end) > 1
    or count(distinct case when field in ('street', 'city', 'postcode') then record_key end) > 1
