{#-
    The records of all customers with their standard spellings, how much their source is trusted,
    and what the rules of survivorship.sql ask of a value: is_placeholder_…, is_odd_…, is_default_….
-#}
{% macro records_to_choose_from(rules) %}
    select
        *,
        {{ is_placeholder_name('full_name') }} as is_placeholder_name,
        {{ is_odd_name('full_name') }} as is_odd_name,
        {{ is_placeholder_email('email') }} as is_placeholder_email,
        {{ is_placeholder_phone('phone') }} as is_placeholder_phone,
        {{ is_default_birth_date('born_on') }} as is_default_birth_date,
        coalesce(is_implausibly_old or born_on > cast(created_at as date), false)
            as is_implausible_birth_date
    from (
        select
            assignments.customer_id,
            records.record_key,
            records.source_system,
            coalesce(
                records.full_name, {{ whole_name('records.given_name', 'records.family_name') }}
            ) as full_name,
            records.given_name,
            records.family_name,
            records.email,
            records.phone,
            records.street,
            records.city,
            records.postcode,
            records.country,
            records.birth_date as born_on,
            {{ as_text('records.birth_date') }} as birth_date,
            records.gender,
            lower(substr(records.language, 1, 2)) as language,
            records.company,
            records.loyalty_card,
            records.has_well_formed_email,
            records.is_valid_phone,
            records.is_implausibly_old,
            records.created_at,
            records.updated_at,
            features.name_key as standard_name,
            features.email as standard_email,
            features.phone as standard_phone,
            features.address as standard_address,
            {{ trust_rank(rules.trust, 'records.source_system', 'records.record_kind') }}
                as trust_rank,
            case records.party_data_class
                {%- for class in rules.party_data %}
                when '{{ class }}' then {{ loop.index }}
                {%- endfor %}
                else {{ rules.party_data | length + 1 }}
            end as party_data_rank,
            coalesce(
                -{{ seconds_between("timestamp '1970-01-01 00:00:00'", 'records.updated_at') }},
                9000000000000
            ) as recency_rank
        from {{ ref('validated_customer_records') }} as records
        inner join {{ source('identity', 'assignments') }} as assignments
            on records.record_key = assignments.record_key
        left join {{ source('identity', 'features') }} as features
            on records.record_key = features.record_key
    ) as records
{%- endmacro %}
