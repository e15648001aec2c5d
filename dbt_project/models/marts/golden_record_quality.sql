-- How the golden record came about, field by field: how many customers have a value, from which
-- source, how often records contradict each other and what decided. No values, no customers.
with fields as (
    select * from {{ ref('unified_golden_fields') }}
),

customers as (
    select cast(count(*) as bigint) as customers from {{ ref('unified_customers') }}
),

totals as (
    select
        field,
        cast(count(value) as bigint) as with_value,
        cast(sum(case when value is not null and other_values > 0 then 1 else 0 end) as bigint)
            as in_conflict
    from fields
    group by field
),

measured as (
    select
        totals.field,
        'with a value' as measure,
        'all customers' as item,
        totals.with_value as customers,
        customers.customers as of_customers
    from totals
    cross join customers
    union all
    select
        field,
        'in conflict' as measure,
        'records say different things' as item,
        in_conflict as customers,
        with_value as of_customers
    from totals
    union all
    select
        fields.field,
        'by source' as measure,
        fields.source_system as item,
        cast(count(*) as bigint) as customers,
        totals.with_value as of_customers
    from fields
    inner join totals on fields.field = totals.field
    where fields.value is not null
    group by fields.field, fields.source_system, totals.with_value
    union all
    select
        fields.field,
        'by rule' as measure,
        fields.deciding_rule as item,
        cast(count(*) as bigint) as customers,
        totals.with_value as of_customers
    from fields
    inner join totals on fields.field = totals.field
    where fields.value is not null
    group by fields.field, fields.deciding_rule, totals.with_value
)

select
    field,
    measure,
    item,
    customers,
    of_customers,
    {{ as_ratio('customers', 'of_customers') }} as share
from measured
order by field, measure, item
