{{ config(materialized='table') }}

with coupons as (
    {{ all_sources('coupons') }}
),

known_campaigns as (
    select campaign_id from {{ ref('staged_campaigns') }} where has_source_key
),

conformed as (
    select
        coupons.record_key,
        coupons.source_system,
        coupons.source_key,
        coupons.has_source_key,
        coupons.party_data_class,
        coupons.coupon_upc,
        coupons.product_id,
        coupons.campaign_id,
        known_campaigns.campaign_id is not null as has_known_campaign,
        coupons.updated_at,
        coupons.unreadable_line
    from coupons
    left join known_campaigns on coupons.campaign_id = known_campaigns.campaign_id
)

select * from conformed
