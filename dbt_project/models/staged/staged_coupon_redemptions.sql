with redemptions as (
    select
        *,
        cast(redeemed_on as timestamp) as occurred_at,
        {{ record_key('erp', 'account_id') }} as account_record_key
    from {{ ref('stg_erp__coupon_redemptions') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

known_campaigns as (
    select campaign_id from {{ ref('staged_campaigns') }} where has_source_key
),

conformed as (
    select
        {{ record_key('erp', 'redemptions.source_key') }} as record_key,
        'erp' as source_system,
        redemptions.source_key,
        redemptions.has_source_key,
        'first' as party_data_class,
        redemptions.redemption_id,
        redemptions.account_id,
        customer_records.record_key as customer_record_key,
        customer_records.record_key is not null as has_known_account,
        redemptions.coupon_upc,
        redemptions.campaign_id,
        known_campaigns.campaign_id is not null as has_known_campaign,
        redemptions.redeemed_on,
        redemptions.occurred_at,
        {{ is_later_than_a_day_after('redemptions.occurred_at', 'redemptions.loaded_at') }}
            as is_from_the_future,
        redemptions.updated_at,
        redemptions.unreadable_line
    from redemptions
    left join customer_records on redemptions.account_record_key = customer_records.record_key
    left join known_campaigns on redemptions.campaign_id = known_campaigns.campaign_id
)

select * from conformed
