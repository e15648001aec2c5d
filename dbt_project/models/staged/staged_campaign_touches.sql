{{ config(materialized='table') }}

with touches as (
    {{ all_sources('campaign_touches') }}
),

customer_records as (
    select record_key from {{ ref('staged_customer_records') }}
),

known_campaigns as (
    select campaign_id from {{ ref('staged_campaigns') }} where has_source_key
),

conformed as (
    select
        touches.record_key,
        touches.source_system,
        touches.source_key,
        touches.has_source_key,
        touches.party_data_class,
        touches.touch_id,
        touches.campaign_id,
        known_campaigns.campaign_id is not null as has_known_campaign,
        touches.account_key as contact_id,
        customer_records.record_key as customer_record_key,
        customer_records.record_key is not null as has_known_contact,
        touches.channel,
        touches.touch_event,
        touches.coupon_upc,
        touches.cost_usd,
        touches.occurred_at,
        {{ is_later_than_a_day_after('touches.occurred_at', 'touches.loaded_at') }}
            as is_from_the_future,
        touches.unreadable_line
    from touches
    left join customer_records on touches.account_record_key = customer_records.record_key
    left join known_campaigns on touches.campaign_id = known_campaigns.campaign_id
),

-- What the rules ask of a row, beyond its columns.
judged as (
    select
        *,
        {{ comes_twice(
            ['contact_id', 'campaign_id', 'touch_event', 'channel', 'occurred_at']
        ) }} as comes_twice,
        {{ is_before_the_company('occurred_at') }} as is_before_the_company
    from conformed
)

select * from judged
