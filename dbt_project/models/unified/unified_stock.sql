-- What lies in each store on the run's day, and which forecast speaks for it: the count less what was
-- sold since. A count from after the run's day says nothing about it. The forecast is the product's
-- in that store where there is one, else the product's (or its category's rest) times `share`, what
-- the store sold of it in the last weeks.
{%- set weeks = var('demand').share_weeks %}
with run_date as (
    select
        as_of,
        {{ add_days('as_of', '1 - 7 * ' ~ weeks) }} as share_from
    from {{ ref('staged_run_date') }}
),

levels as (
    select
        levels.*,
        cast(levels.updated_at as date) as counted_on,
        run_date.as_of,
        cast(levels.updated_at as date) <= run_date.as_of as is_known
    from {{ ref('validated_stock_levels') }} as levels
    cross join run_date
),

products as (
    select * from {{ ref('unified_demand_products') }}
),

series as (
    select * from {{ ref('unified_demand_series') }}
),

-- One look at the sales of what is kept in stock: since the count, and in the last weeks.
sold as (
    select
        levels.record_key,
        sum(case when lines.order_date > levels.counted_on then lines.quantity else 0 end)
            as since_count,
        sum(lines.quantity) as lately
    from {{ ref('unified_order_lines') }} as lines
    inner join levels
        on lines.product_id = levels.product_id
        and lines.store_id = levels.store_id
        and lines.order_date <= levels.as_of
    cross join run_date
    where
        lines.quantity > 0
        and (lines.order_date >= run_date.share_from or lines.order_date > levels.counted_on)
    group by levels.record_key
),

series_sold as (
    select
        demand.series_id,
        sum(demand.sold_units) as units
    from {{ ref('unified_demand_weeks') }} as demand
    cross join run_date
    where demand.week_start >= run_date.share_from and not demand.is_future
    group by demand.series_id
),

of_series as (
    select
        levels.*,
        products.product_category,
        products.department,
        products.quantity_per_unit,
        coalesce(sold.since_count, 0) as since_count,
        cast(coalesce(sold.lately, 0) as double) / coalesce(products.quantity_per_unit, 1) as sold_units,
        coalesce(in_store.series_id, by_itself.series_id, 'other:' || products.product_category)
            as series_id,
        in_store.series_id is not null as has_own_series
    from levels
    left join products on levels.product_id = products.product_id
    left join sold on levels.record_key = sold.record_key
    left join series as in_store
        on levels.product_id = in_store.product_id
        and levels.store_id = in_store.store_id
        and in_store.series_kind = 'product_store'
    left join series as by_itself
        on levels.product_id = by_itself.product_id
        and by_itself.series_kind = 'product'
)

select
    of_series.product_id,
    of_series.store_id,
    of_series.product_category,
    of_series.department,
    of_series.as_of,
    case when of_series.is_known then of_series.counted_on end as counted_on,
    case
        when not of_series.is_known or of_series.on_hand_units is null then null
        when of_series.on_hand_units > of_series.since_count
            then of_series.on_hand_units - of_series.since_count
        else 0
    end as on_hand_units,
    case when of_series.is_known then coalesce(of_series.on_order_units, 0) end as on_order_units,
    case when of_series.is_known then of_series.next_delivery_on end as next_delivery_on,
    of_series.lead_time_days,
    of_series.review_days,
    of_series.pack_units,
    of_series.service_level,
    of_series.quantity_per_unit,
    of_series.series_id,
    case
        when of_series.has_own_series then 1.0
        when of_series.sold_units >= series_sold.units then 1.0
        else round(of_series.sold_units / nullif(series_sold.units, 0), 6)
    end as share
from of_series
left join series_sold on of_series.series_id = series_sold.series_id
order by of_series.product_id, of_series.store_id
