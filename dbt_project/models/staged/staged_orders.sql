{{ config(materialized='table') }}

with orders as (
    {{ all_sources('orders') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

known_stores as (
    select store_id from {{ ref('staged_stores') }} where has_source_key
),

conformed as (
    select
        orders.record_key,
        orders.source_system,
        orders.source_key,
        orders.has_source_key,
        orders.party_data_class,
        orders.order_id,
        orders.account_key as account_id,
        customer_records.record_key as customer_record_key,
        customer_records.record_key is not null as has_known_account,
        orders.store_id,
        known_stores.store_id is not null as has_known_store,
        orders.channel,
        orders.occurred_at,
        {{ is_later_than_a_day_after('orders.occurred_at', 'orders.loaded_at') }}
        or {{ is_later_than_a_day_after('orders.occurred_at', 'orders.updated_at') }}
            as is_from_the_future,
        orders.updated_at,
        orders.unreadable_line
    from orders
    left join customer_records on orders.account_record_key = customer_records.record_key
    left join known_stores on orders.store_id = known_stores.store_id
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
