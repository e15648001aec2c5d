-- Third-party data: what a bureau believes of a household, not what the household told us.
with demographics as (
    select
        *,
        {{ record_key('loyalty', 'card_number') }} as card_record_key
    from {{ ref('stg_bureau__demographics') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

conformed as (
    select
        {{ record_key('bureau', 'demographics.source_key') }} as record_key,
        'bureau' as source_system,
        demographics.source_key,
        demographics.has_source_key,
        'third' as party_data_class,
        demographics.card_number,
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
    left join customer_records on demographics.card_record_key = customer_records.record_key
)

select * from conformed
