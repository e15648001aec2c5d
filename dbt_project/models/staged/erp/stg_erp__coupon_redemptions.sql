with newest_rows as (
    {{ newest_version('erp', 'coupon_redemptions', key=['redemption_id'],
        newest_by=['updated_at']) }}
),

renamed as (
    select
        source_key,
        has_source_key,
        redemption_id,
        account_id,
        coupon_upc,
        campaign_id,
        redeemed_on,
        updated_at,
        cast(null as {{ dbt.type_string() }}) as unreadable_line,
        _loaded_at as loaded_at
    from newest_rows
)

select * from renamed
