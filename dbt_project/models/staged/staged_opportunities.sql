with leads as (
    select * from {{ ref('stg_crm__leads') }}
),

conformed as (
    select
        {{ record_key('crm', 'source_key') }} as record_key,
        'crm' as source_system,
        source_key,
        has_source_key,
        'first' as party_data_class,
        lead_id,
        {{ record_key('crm', "'lead:' || source_key") }} as customer_record_key,
        stage,
        lead_source,
        expected_value_usd,
        created_at as occurred_at,
        {{ is_later_than_a_day_after('created_at', 'loaded_at') }} as is_from_the_future,
        updated_at,
        unreadable_line
    from leads
)

select * from conformed
