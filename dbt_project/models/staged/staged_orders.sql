with till_orders as (
    select * from {{ ref('stg_erp__orders') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

known_stores as (
    select store_id from {{ ref('staged_stores') }} where has_source_key
),

keyed as (
    select
        *,
        {{ record_key('erp', 'account_id') }} as account_record_key
    from till_orders
),

conformed as (
    select
        {{ record_key('erp', 'source_key') }} as record_key,
        'erp' as source_system,
        keyed.source_key,
        keyed.has_source_key,
        'first' as party_data_class,
        keyed.order_id,
        keyed.account_id,
        customer_records.record_key as customer_record_key,
        customer_records.record_key is not null as has_known_account,
        keyed.store_id,
        known_stores.store_id is not null as has_known_store,
        keyed.channel,
        keyed.ordered_at as occurred_at,
        {{ is_later_than_a_day_after('keyed.ordered_at', 'keyed.loaded_at') }}
        or {{ is_later_than_a_day_after('keyed.ordered_at', 'keyed.updated_at') }}
            as is_from_the_future,
        keyed.updated_at,
        keyed.unreadable_line
    from keyed
    left join customer_records on keyed.account_record_key = customer_records.record_key
    left join known_stores on keyed.store_id = known_stores.store_id
)

select * from conformed
