with shops as (
    select * from {{ ref('stg_erp__stores') }}
),

conformed as (
    select
        {{ record_key('erp', 'source_key') }} as record_key,
        'erp' as source_system,
        source_key,
        has_source_key,
        'first' as party_data_class,
        store_id,
        store_name,
        city,
        opened_on,
        updated_at,
        unreadable_line
    from shops
)

select * from conformed
