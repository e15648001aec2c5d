-- The golden record: per attribute the best value among a customer's records. Who someone is (name,
-- birth date) comes from the system that checks it best; how to reach them comes from whoever heard
-- last. Holds direct identifiers: never leaves the warehouse.
{%- set by_trust = ['full_name', 'given_name', 'family_name', 'birth_date', 'gender', 'company'] %}
{%- set by_recency = [
    'email', 'phone', 'street', 'city', 'postcode', 'country', 'language', 'loyalty_card'
] %}
{%- set attributes = by_trust + by_recency %}

with records as (
    select
        assignments.customer_id,
        assignments.match_probability,
        records.record_key,
        records.source_system,
        records.record_kind,
        coalesce(records.full_name, records.given_name || ' ' || records.family_name) as full_name,
        records.given_name,
        records.family_name,
        records.email,
        records.phone,
        records.street,
        records.city,
        records.postcode,
        records.country,
        case
            when records.birth_date > date '1900-01-01' then {{ as_text('records.birth_date') }}
        end as birth_date,
        records.gender,
        lower(substr(records.language, 1, 2)) as language,
        records.loyalty_card,
        records.company,
        records.created_at,
        records.updated_at,
        case
            when records.record_kind = 'lead' then 6
            when records.source_system = 'crm' then 1
            when records.source_system = 'erp' then 2
            when records.source_system = 'loyalty' then 3
            when records.source_system = 'helpdesk' then 4
            else 5
        end as trust_rank
    from {{ ref('validated_customer_records') }} as records
    inner join {{ source('identity', 'assignments') }} as assignments
        on records.record_key = assignments.record_key
),

attribute_values as (
    {%- for attribute in attributes %}
    select
        customer_id,
        '{{ attribute }}' as attribute,
        {{ attribute }} as attribute_value,
        record_key,
        trust_rank,
        updated_at,
        {{ 'true' if attribute in by_trust else 'false' }} as is_by_trust
    from records
    where {{ attribute }} is not null
    {{- '\n    union all' if not loop.last }}
    {%- endfor %}
),

ranked_values as (
    select
        *,
        row_number() over (
            partition by customer_id, attribute
            order by
                case when is_by_trust then trust_rank end nulls last,
                updated_at desc nulls last,
                trust_rank,
                record_key
        ) as preference
    from attribute_values
),

best_values as (
    select
        customer_id
        {%- for attribute in attributes %},
        max(case when attribute = '{{ attribute }}' then attribute_value end) as {{ attribute }}
        {%- endfor %}
    from ranked_values
    where preference = 1
    group by customer_id
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

golden as (
    select
        counts.customer_id,
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
        counts.record_count,
        counts.source_system_count,
        round(counts.match_probability, 6) as match_probability,
        counts.is_lead,
        counts.first_seen_at,
        counts.last_updated_at
    from counts
    left join best_values on counts.customer_id = best_values.customer_id
)

select * from golden
order by customer_id
