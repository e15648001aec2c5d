-- The series that forecasts are made for, as of the run: a product with enough history by itself, the
-- rest of each category together, so that every unit sold is in exactly one of them; and beside
-- these, a product in one store. Only what was sold up to the run has a say.
{%- set rules = var('demand') %}
with product_weeks as (
    select * from {{ ref('unified_product_weeks') }}
),

bounds as (
    select
        max(week_start) as last_week,
        {{ add_days('max(week_start)', '-7 * ' ~ (rules.window_weeks - 1)) }} as first_week,
        case
            when {{ days_between('min(week_start)', 'max(week_start)') }} / 7 + 1
                < {{ rules.window_weeks }}
                then {{ days_between('min(week_start)', 'max(week_start)') }} / 7 + 1
            else {{ rules.window_weeks }}
        end as weeks
    from product_weeks
),

of_window as (
    select
        product_weeks.product_id,
        min(product_weeks.product_category) as product_category,
        min(product_weeks.department) as department,
        sum(case when product_weeks.sold_units > 0 then 1 else 0 end) as weeks_sold,
        sum(product_weeks.sales_usd) as sales_usd
    from product_weeks
    inner join bounds on product_weeks.week_start >= bounds.first_week
    group by product_weeks.product_id
),

enough as (
    select
        of_window.*,
        row_number() over (order by of_window.sales_usd desc, of_window.product_id) as place
    from of_window
    cross join bounds
    where
        of_window.weeks_sold >= {{ rules.least_share_of_weeks }} * bounds.weeks
        and of_window.weeks_sold >= {{ rules.least_weeks }}
),

products as (
    select * from enough where place <= {{ rules.most_products }}
),

store_weeks as (
    select distinct
        lines.product_id,
        lines.store_id,
        lines.week_start
    from {{ ref('unified_order_lines') }} as lines
    inner join products on lines.product_id = products.product_id
    inner join bounds
        on lines.week_start >= bounds.first_week
        and lines.week_start <= bounds.last_week
    where lines.quantity > 0 and lines.store_id is not null
),

of_stores as (
    select
        product_id,
        store_id,
        count(*) as weeks_sold
    from store_weeks
    group by product_id, store_id
),

enough_in_store as (
    select
        of_stores.product_id,
        of_stores.store_id,
        products.product_category,
        products.department,
        row_number() over (
            order by of_stores.weeks_sold desc, of_stores.product_id, of_stores.store_id
        ) as place
    from of_stores
    inner join products on of_stores.product_id = products.product_id
    cross join bounds
    where
        of_stores.weeks_sold >= {{ rules.least_share_of_weeks }} * bounds.weeks
        and of_stores.weeks_sold >= {{ rules.least_weeks }}
),

rest as (
    select distinct
        product_weeks.product_category,
        product_weeks.department
    from product_weeks
    left join products on product_weeks.product_id = products.product_id
    where products.product_id is null
)

select
    'product:' || product_id as series_id,
    'product' as series_kind,
    product_id,
    cast(null as {{ dbt.type_string() }}) as store_id,
    product_category,
    department
from products
union all
select
    'other:' || product_category as series_id,
    'rest_of_category' as series_kind,
    cast(null as {{ dbt.type_string() }}) as product_id,
    cast(null as {{ dbt.type_string() }}) as store_id,
    product_category,
    department
from rest
union all
select
    'store:' || product_id || '|' || store_id as series_id,
    'product_store' as series_kind,
    product_id,
    store_id,
    product_category,
    department
from enough_in_store
where place <= {{ rules.most_product_stores }}
