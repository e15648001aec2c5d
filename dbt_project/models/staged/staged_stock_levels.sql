{{ config(materialized='table') }}

with levels as (
    {{ all_sources('stock_levels') }}
),

catalogue as (
    select product_id from {{ ref('staged_products') }} where has_source_key
),

shops as (
    select store_id from {{ ref('staged_stores') }} where has_source_key
),

conformed as (
    select
        levels.record_key,
        levels.source_system,
        levels.source_key,
        levels.has_source_key,
        levels.party_data_class,
        levels.product_id,
        levels.store_id,
        levels.on_hand_units,
        levels.on_order_units,
        levels.next_delivery_on,
        levels.lead_time_days,
        levels.review_days,
        levels.pack_units,
        levels.service_level,
        catalogue.product_id is not null as has_known_product,
        shops.store_id is not null as has_known_store,
        levels.updated_at,
        levels.unreadable_line
    from levels
    left join catalogue on levels.product_id = catalogue.product_id
    left join shops on levels.store_id = shops.store_id
)

select * from conformed
