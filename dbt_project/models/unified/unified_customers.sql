-- The golden record: one row per customer, of the values that survive among its records (see
-- unified_golden_fields). Holds direct identifiers: never leaves the warehouse.
with records as (
    select
        assignments.customer_id,
        assignments.match_probability,
        records.source_system,
        records.record_kind,
        records.created_at,
        records.updated_at
    from {{ ref('validated_customer_records') }} as records
    inner join {{ source('identity', 'assignments') }} as assignments
        on records.record_key = assignments.record_key
),

counts as (
    select
        customer_id,
        cast(count(*) as bigint) as record_count,
        cast(count(distinct source_system) as bigint) as source_system_count,
        min(match_probability) as match_probability,
        max(case when record_kind = 'lead' then 1 else 0 end) = 1 as is_lead,
        min(created_at) as first_seen_at,
        max(updated_at) as last_updated_at
    from records
    group by customer_id
),

best_values as (
    select
        customer_id,
        {%- for column in golden_columns() %}
        max(case when field = '{{ column }}' then value end) as {{ column }},
        {%- endfor %}
        cast(sum(case when other_values > 0 then 1 else 0 end) as bigint) as disputed_fields
    from {{ ref('unified_golden_fields') }}
    group by customer_id
),

households as (
    select
        customer_id,
        min(household_id) as household_id
    from {{ source('identity', 'households') }}
    group by customer_id
),

golden as (
    select
        counts.customer_id,
        coalesce(households.household_id, counts.customer_id) as household_id,
        best_values.full_name,
        best_values.given_name,
        best_values.family_name,
        best_values.email,
        best_values.phone,
        best_values.street,
        best_values.city,
        best_values.postcode,
        best_values.country,
        {{ try_date('best_values.birth_date') }} as birth_date,
        best_values.gender,
        best_values.language,
        best_values.company,
        best_values.loyalty_card,
        coalesce(best_values.disputed_fields, 0) as disputed_fields,
        counts.record_count,
        counts.source_system_count,
        round(counts.match_probability, 6) as match_probability,
        counts.is_lead,
        counts.first_seen_at,
        counts.last_updated_at
    from counts
    left join best_values on counts.customer_id = best_values.customer_id
    left join households on counts.customer_id = households.customer_id
)

select * from golden
order by customer_id
