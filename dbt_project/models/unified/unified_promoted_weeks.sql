-- How much the products with a series of their own are on display or in the mailer in a week, planned
-- weeks included: as a share of the stores that promote anything in that week, and, for a product
-- in one store that has a series, there (0 or 1).
with series as (
    select
        product_id,
        store_id,
        series_kind
    from {{ ref('unified_demand_series') }}
),

promoted as (
    select
        promotions.product_id,
        promotions.store_id,
        promotions.promotion_week,
        max(case when promotions.display_location <> '0' then 1 else 0 end) as is_display,
        max(case when promotions.mailer_location <> '0' then 1 else 0 end) as is_mailer
    from {{ ref('validated_promotions') }} as promotions
    inner join series
        on promotions.product_id = series.product_id
        and series.series_kind = 'product'
    group by promotions.product_id, promotions.store_id, promotions.promotion_week
),

stores as (
    select
        promotion_week,
        count(distinct store_id) as stores
    from promoted
    group by promotion_week
),

of_products as (
    select
        product_id,
        promotion_week,
        sum(is_display) as displays,
        sum(is_mailer) as mailers
    from promoted
    group by product_id, promotion_week
),

weeks as (
    select
        'product:' || of_products.product_id as series_id,
        of_products.promotion_week,
        cast(of_products.displays as double) / stores.stores as display_share,
        cast(of_products.mailers as double) / stores.stores as mailer_share
    from of_products
    inner join stores on of_products.promotion_week = stores.promotion_week
    union all
    select
        'store:' || promoted.product_id || '|' || promoted.store_id as series_id,
        promoted.promotion_week,
        cast(promoted.is_display as double) as display_share,
        cast(promoted.is_mailer as double) as mailer_share
    from promoted
    inner join series
        on promoted.product_id = series.product_id
        and promoted.store_id = series.store_id
        and series.series_kind = 'product_store'
)

select
    series_id,
    {{ add_days(first_promotion_week(), '7 * (promotion_week - 1)') }} as week_start,
    display_share,
    mailer_share
from weeks
