with newest_rows as (
    {{ newest_version('marketing', 'touches', key=['touch_id']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        'first' as party_data_class,
        touch_id,
        {{ clean_text('campaign_id') }} as campaign_id,
        'crm' as account_system,
        {{ clean_text('contact_id') }} as account_key,
        {{ clean_text('channel') }} as channel,
        {{ clean_text('event') }} as touch_event,
        {{ clean_text('coupon_upc') }} as coupon_upc,
        cast(round(cost_usd, 4) as decimal(18, 4)) as cost_usd,
        occurred_at,
        _unreadable as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
