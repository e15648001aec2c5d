{{ config(materialized='table') }}

-- One row per system's view of a person. Values as the system holds them, only trimmed: what makes
-- two spellings equal is decided once, in models/identity.
with all_systems as (
    {{ all_sources('customer_records') }}
),

conformed as (
    select
        record_key,
        source_system,
        source_key,
        has_source_key,
        party_data_class,
        record_kind,
        full_name,
        given_name,
        family_name,
        email,
        phone,
        street,
        city,
        postcode,
        country,
        birth_date,
        birth_date_raw,
        gender,
        language,
        loyalty_card,
        device_id,
        company,
        created_at,
        updated_at,
        unreadable_line
    from all_systems
)

select * from conformed
