{#-
    Age, income and household as ordinal numbers: the lower end of the band, as known by each date.
-#}
{% macro feature_demographics() %}
known_demographics as (
    select
        known.*,
        feature_dates.as_of,
        row_number() over (
            partition by known.customer_id, feature_dates.as_of, known.fact
            order by known.known_on desc, known.number
        ) as newest_first
    from {{ ref('unified_customer_demographics') }} as known
    inner join feature_dates on known.known_on <= feature_dates.as_of
    where {{ in_slice('known.customer_id') }}
),

demographics as (
    select
        customer_id,
        as_of,
        max(case when fact = 'age_from_years' then number end) as age_from_years,
        max(case when fact = 'income_from_kusd' then number end) as income_from_kusd,
        max(case when fact = 'household_size' then number end) as household_size,
        max(case when fact = 'kids_count' then number end) as kids_count
    from known_demographics
    where newest_first = 1
    group by customer_id, as_of
)
{%- endmacro %}

{% macro demographic_features() %}
cast(demographics.age_from_years as double) as age_from_years,
cast(demographics.income_from_kusd as double) as income_from_kusd,
cast(demographics.household_size as double) as household_size,
cast(demographics.kids_count as double) as kids_count
{%- endmacro %}
