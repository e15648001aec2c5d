{{ config(materialized='table') }}

-- Third-party data: what a bureau believes of a household, not what the household told us.
with demographics as (
    {{ all_sources('demographics') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        demographics.record_key,
        demographics.source_system,
        demographics.source_key,
        demographics.has_source_key,
        demographics.party_data_class,
        demographics.account_key as card_number,
        customer_records.record_key as customer_record_key,
        demographics.age_band,
        demographics.income_band,
        demographics.home_ownership,
        demographics.marital_status,
        demographics.household_size,
        demographics.household_composition,
        demographics.kids_count,
        demographics.loaded_at as updated_at,
        demographics.unreadable_line
    from demographics
    left join customer_records on demographics.account_record_key = customer_records.record_key
)

select * from conformed
