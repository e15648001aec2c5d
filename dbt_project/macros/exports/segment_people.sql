{#-
    Whom Segment's identify calls describe, as customer_records: one row per userId, its newest
    call. Traits are those that the spec reserves; what people type besides is left alone.
-#}
{% macro segment_people(source_name, table_name) %}
with identified as (
    select
        *,
        {{ segment_time() }} as told_at
    from (
        {{ newest_version(source_name, table_name, key=['message_id'], newest_by=['received_at']) }}
    ) as newest_rows
    where type = 'identify' and coalesce(trim(user_id), '') <> ''
),

ordered as (
    select
        *,
        row_number() over (
            partition by trim(user_id) order by told_at desc nulls last, message_id desc
        ) as call_number,
        min(told_at) over (partition by trim(user_id)) as first_told_at
    from identified
),

mapped as (
    select
        trim(user_id) as source_key,
        true as has_source_key,
        'first' as party_data_class,
        'contact' as record_kind,
        {{ clean_text(json_text('traits', 'name')) }} as full_name,
        {{ clean_text(json_text('traits', 'firstName')) }} as given_name,
        {{ clean_text(json_text('traits', 'lastName')) }} as family_name,
        {{ clean_text(json_text('traits', 'email')) }} as email,
        {{ clean_text(json_text('traits', 'phone')) }} as phone,
        {{ clean_text(json_text('traits', 'address.street')) }} as street,
        {{ clean_text(json_text('traits', 'address.city')) }} as city,
        {{ clean_text(json_text('traits', 'address.postalCode')) }} as postcode,
        {{ clean_text(json_text('traits', 'address.country')) }} as country,
        {{ parse_date(json_text('traits', 'birthday')) }} as birth_date,
        case
            when {{ parse_date(json_text('traits', 'birthday')) }} is null
                then {{ json_text('traits', 'birthday') }}
        end as birth_date_raw,
        {{ clean_text(json_text('traits', 'gender')) }} as gender,
        {{ json_text('context', 'locale') }} as language,
        {{ not_given('text') }} as loyalty_card,
        {{ clean_text('anonymous_id') }} as device_id,
        {{ clean_text(json_text('traits', 'company.name')) }} as company,
        coalesce({{ parse_timestamp(json_text('traits', 'createdAt')) }}, first_told_at)
            as created_at,
        told_at as updated_at,
        {{ not_given('text') }} as unreadable_line,
        _loaded_at as loaded_at
    from ordered
    where call_number = 1
)

select * from mapped
{% endmacro %}
