{{ config(materialized='table') }}

with redemptions as (
    {{ all_sources('coupon_redemptions') }}
),

timed as (
    select
        *,
        cast(redeemed_on as timestamp) as occurred_at
    from redemptions
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

known_campaigns as (
    select campaign_id from {{ ref('staged_campaigns') }} where has_source_key
),

conformed as (
    select
        timed.record_key,
        timed.source_system,
        timed.source_key,
        timed.has_source_key,
        timed.party_data_class,
        timed.redemption_id,
        timed.account_key as account_id,
        customer_records.record_key as customer_record_key,
        customer_records.record_key is not null as has_known_account,
        timed.coupon_upc,
        timed.campaign_id,
        known_campaigns.campaign_id is not null as has_known_campaign,
        timed.redeemed_on,
        timed.occurred_at,
        {{ is_later_than_a_day_after('timed.occurred_at', 'timed.loaded_at') }}
            as is_from_the_future,
        timed.updated_at,
        timed.unreadable_line
    from timed
    left join customer_records on timed.account_record_key = customer_records.record_key
    left join known_campaigns on timed.campaign_id = known_campaigns.campaign_id
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
