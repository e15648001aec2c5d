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
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ has_damaged_text(
            ['full_name', 'given_name', 'family_name', 'street', 'city', 'company']
        ) }} as has_damaged_text,
        {{ has_placeholder_text(
            ['full_name', 'given_name', 'family_name', 'email', 'phone', 'city']
        ) }} as has_placeholder_text,
        {{ is_well_formed_email('email') }} as has_well_formed_email,
        {{ is_valid_phone('phone', 'country', 'language') }} as is_valid_phone,
        {{ has_swapped_columns(
            email='email', phone='phone', names=['full_name', 'given_name', 'family_name']
        ) }} as has_swapped_columns,
        {{ is_implausibly_old(
            'birth_date', 'coalesce(updated_at, created_at)'
        ) }} as is_implausibly_old
    from conformed
)

select * from judged
