-- What each campaign sent, what came back, and what it cost. Counts of contacts, not proof of
-- effect.
with campaigns as (
    select * from {{ ref('validated_campaigns') }}
),

-- A contact by its record: the same number in two systems is two people.
touches_by_contact as (
    select
        campaign_id,
        touch_event,
        cost_usd,
        coalesce(customer_record_key, contact_id) as contact
    from {{ ref('validated_campaign_touches') }}
),

touches as (
    select
        campaign_id,
        count(distinct case when touch_event = 'sent' then contact end) as recipients,
        sum(case when touch_event = 'sent' then 1 else 0 end) as sent,
        count(distinct case when touch_event = 'opened' then contact end) as openers,
        count(distinct case when touch_event = 'clicked' then contact end) as clickers,
        sum(coalesce(cost_usd, 0)) as cost_usd
    from touches_by_contact
    group by campaign_id
),

redemptions as (
    select
        campaign_id,
        count(*) as redemptions,
        count(distinct customer_record_key) as redeeming_accounts
    from {{ ref('validated_coupon_redemptions') }}
    group by campaign_id
)

select
    campaigns.campaign_id,
    campaigns.campaign_type,
    campaigns.start_date,
    campaigns.end_date,
    cast(coalesce(touches.sent, 0) as bigint) as sent,
    cast(coalesce(touches.recipients, 0) as bigint) as recipients,
    cast(coalesce(touches.openers, 0) as bigint) as openers,
    cast(coalesce(touches.clickers, 0) as bigint) as clickers,
    {{ as_ratio('touches.openers', 'touches.recipients') }} as open_rate,
    {{ as_ratio('touches.clickers', 'touches.recipients') }} as click_rate,
    cast(coalesce(touches.cost_usd, 0) as decimal(18, 2)) as cost_usd,
    cast(coalesce(redemptions.redemptions, 0) as bigint) as redemptions,
    cast(coalesce(redemptions.redeeming_accounts, 0) as bigint) as redeeming_accounts
from campaigns
left join touches on campaigns.campaign_id = touches.campaign_id
left join redemptions on campaigns.campaign_id = redemptions.campaign_id
order by campaigns.campaign_id
