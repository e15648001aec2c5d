-- Demand by series and week with what is known to move it, from a series' first sale to the end of the
-- forecast. `sold_units` adds up to all that was sold; `units` is demand: empty where the product
-- could not be bought for most of the week, and for weeks to come. Promotions of weeks to come are
-- the plan as far as it is published; prices and discounts to come nobody knows.
{%- set rules = var('demand') %}
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

series as (
    select * from {{ ref('unified_demand_series') }}
),

product_weeks as (
    select * from {{ ref('unified_product_weeks') }}
),

calendar as (
    select
        calendar.week_start,
        {{ add_days('calendar.week_start', 6) }} > max(run_date.as_of) as is_future,
        {{ add_days('calendar.week_start', -7 * rules.plan_weeks) }} <= max(run_date.as_of)
            as is_planned,
        min(calendar.week_of_month) as week_of_month,
        sum(case when coalesce(calendar.was_closed, calendar.is_declared_closed) then 1 else 0 end)
            as closed_days,
        sum(case when calendar.holiday is not null then 1 else 0 end) as holidays
    from {{ ref('unified_calendar') }} as calendar
    cross join run_date
    group by calendar.week_start
),

-- The last week is there only to say what follows the one before.
weeks as (
    select
        *,
        lead(holidays) over (order by week_start) as holidays_next
    from calendar
),

gaps as (
    select * from {{ ref('unified_shelf_gaps') }}
),

-- Which series each sale counts for: its product's, or the rest of its category's.
sold_by_products as (
    select
        coalesce(series.series_id, 'other:' || product_weeks.product_category) as series_id,
        product_weeks.week_start,
        sum(product_weeks.sold_units) as sold_units,
        sum(product_weeks.sales_usd) as sales_usd,
        sum(product_weeks.discount_usd) as discount_usd,
        sum(product_weeks.coupon_usd) as coupon_usd
    from product_weeks
    left join series
        on product_weeks.product_id = series.product_id
        and series.series_kind = 'product'
    group by
        coalesce(series.series_id, 'other:' || product_weeks.product_category),
        product_weeks.week_start
),

sold_in_stores as (
    select
        series.series_id,
        lines.week_start,
        sum(case when lines.quantity > 0 then cast(lines.quantity as double) else 0 end)
            / max(products.quantity_per_unit) as sold_units,
        sum(lines.sales_usd) as sales_usd,
        sum(lines.retail_discount_usd) as discount_usd,
        sum(lines.coupon_discount_usd + lines.coupon_match_discount_usd) as coupon_usd
    from {{ ref('unified_order_lines') }} as lines
    inner join series
        on lines.product_id = series.product_id
        and lines.store_id = series.store_id
        and series.series_kind = 'product_store'
    inner join {{ ref('unified_demand_products') }} as products
        on lines.product_id = products.product_id
    inner join (select distinct week_start from product_weeks) as complete
        on lines.week_start = complete.week_start
    group by series.series_id, lines.week_start
),

sold as (
    select * from sold_by_products
    union all
    select * from sold_in_stores
),

began as (
    select
        series_id,
        min(week_start) as first_week
    from sold
    where sold_units > 0
    group by series_id
),

-- What a product misses in a week, in days: of one store its own gaps; of all stores each gap as far
-- as that store sells the product.
store_sales as (
    select
        lines.product_id,
        lines.store_id,
        sum(lines.sales_usd) as sales_usd
    from {{ ref('unified_order_lines') }} as lines
    inner join series
        on lines.product_id = series.product_id
        and series.series_kind = 'product'
    group by lines.product_id, lines.store_id
),

product_sales as (
    select
        product_id,
        sum(sales_usd) as sales_usd
    from store_sales
    group by product_id
),

missing_in_stores as (
    select
        series.series_id,
        gaps.week_start,
        sum(gaps.days) as days
    from gaps
    inner join series
        on gaps.store_id = series.store_id
        and (gaps.product_id is null or gaps.product_id = series.product_id)
        and series.series_kind = 'product_store'
    group by series.series_id, gaps.week_start
),

missing_of_products as (
    select
        'product:' || store_sales.product_id as series_id,
        gaps.week_start,
        sum(gaps.days * cast(store_sales.sales_usd as double) / nullif(cast(product_sales.sales_usd as double), 0))
            as days
    from gaps
    inner join store_sales
        on gaps.product_id = store_sales.product_id
        and gaps.store_id = store_sales.store_id
    inner join product_sales on store_sales.product_id = product_sales.product_id
    group by store_sales.product_id, gaps.week_start
),

missing as (
    select * from missing_in_stores
    union all
    select * from missing_of_products
),

dense as (
    select
        series.series_id,
        series.series_kind,
        series.product_id,
        series.store_id,
        series.product_category,
        series.department,
        weeks.week_start,
        weeks.is_future,
        weeks.is_planned,
        weeks.week_of_month,
        weeks.closed_days,
        weeks.holidays,
        coalesce(weeks.holidays_next, 0) as holidays_next,
        case when not weeks.is_future then coalesce(sold.sold_units, 0) end as sold_units,
        case when not weeks.is_future then coalesce(sold.sales_usd, 0) end as sales_usd,
        case when not weeks.is_future then coalesce(missing.days, 0) end as missing_days,
        coalesce(sold.discount_usd, 0) as discount_usd,
        coalesce(sold.coupon_usd, 0) as coupon_usd
    from series
    inner join began on series.series_id = began.series_id
    cross join run_date
    inner join weeks
        on weeks.week_start >= began.first_week
        and weeks.week_start >= {{ add_days('run_date.as_of', -7 * rules.history_weeks) }}
        and weeks.week_start < {{ add_days('run_date.as_of', 7 * rules.horizon_weeks + 1) }}
    left join sold
        on series.series_id = sold.series_id
        and weeks.week_start = sold.week_start
    left join missing
        on series.series_id = missing.series_id
        and weeks.week_start = missing.week_start
),

priced as (
    select
        *,
        cast(sum(sales_usd) over usual as double)
            / nullif(sum(case when sales_usd > 0 then sold_units end) over usual, 0) as usual_price_usd
    from dense
    window usual as (
        partition by series_id order by week_start
        rows between {{ rules.usual_weeks }} preceding and 1 preceding
    )
),

promoted as (
    select * from {{ ref('unified_promoted_weeks') }}
),

planned as (
    select distinct week_start from promoted
)

select
    priced.series_id,
    priced.series_kind,
    priced.product_id,
    priced.store_id,
    priced.product_category,
    priced.department,
    priced.week_start,
    priced.is_future,
    case
        when priced.closed_days + priced.missing_days < {{ rules.unobserved_from_days }}
            then round(priced.sold_units, 3)
    end as units,
    round(priced.sold_units, 3) as sold_units,
    cast(priced.sales_usd as decimal(18, 2)) as sales_usd,
    round(priced.missing_days, 3) as missing_days,
    cast(priced.closed_days as bigint) as closed_days,
    cast(priced.holidays as bigint) as holidays,
    cast(priced.holidays_next as bigint) as holidays_next,
    priced.week_of_month,
    case
        when priced.sold_units > 0 and priced.sales_usd > 0
            then round(cast(priced.sales_usd as double) / priced.sold_units
                / nullif(priced.usual_price_usd, 0), 4)
    end as price_ratio,
    case
        when priced.sales_usd + priced.discount_usd + priced.coupon_usd > 0
            then round({{ as_ratio('priced.discount_usd',
                'priced.sales_usd + priced.discount_usd + priced.coupon_usd') }}, 4)
    end as discount_share,
    case
        when priced.sales_usd + priced.discount_usd + priced.coupon_usd > 0
            then round({{ as_ratio('priced.coupon_usd',
                'priced.sales_usd + priced.discount_usd + priced.coupon_usd') }}, 4)
    end as coupon_share,
    case
        when priced.is_planned and planned.week_start is not null and priced.series_kind <> 'rest_of_category'
            then round(coalesce(promoted.display_share, 0), 4)
    end as display_share,
    case
        when priced.is_planned and planned.week_start is not null and priced.series_kind <> 'rest_of_category'
            then round(coalesce(promoted.mailer_share, 0), 4)
    end as mailer_share
from priced
left join promoted
    on priced.series_id = promoted.series_id
    and priced.week_start = promoted.week_start
left join planned on priced.week_start = planned.week_start
order by priced.series_id, priced.week_start
