-- Units and money per product category and complete week, from a category's first sale on, with a
-- row of zeros for weeks without sales: a forecast must see silence too.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

lines as (
    select * from {{ ref('unified_order_lines') }}
),

bounds as (
    select
        {{ week_start(add_days('min(order_date)', 6)) }} as first_week,
        {{ days_between(week_start(add_days('min(order_date)', 6)), 'max(run_date.as_of)') }}
            as days_covered
    from lines
    cross join run_date
    where order_date <= run_date.as_of
),

numbers as (
    {{ numbers(2000) }}
),

-- The last week counts only when its Sunday is not after the run's day.
weeks as (
    select {{ add_days('bounds.first_week', '7 * numbers.n') }} as week_start
    from bounds
    inner join numbers on 7 * numbers.n + 6 <= bounds.days_covered
),

sales as (
    select
        lines.product_category,
        lines.week_start,
        sum(lines.quantity) as units,
        sum(lines.sales_usd) as sales_usd,
        sum(case when lines.is_promoted then 1 else 0 end) as promoted_lines,
        count(*) as line_count
    from lines
    inner join weeks on lines.week_start = weeks.week_start
    group by lines.product_category, lines.week_start
),

series as (
    select
        product_category,
        min(week_start) as first_week
    from sales
    group by product_category
),

dense as (
    select
        series.product_category as series_id,
        weeks.week_start,
        cast(coalesce(sales.units, 0) as double) as units,
        cast(coalesce(sales.sales_usd, 0) as decimal(18, 2)) as sales_usd,
        coalesce({{ as_ratio('sales.promoted_lines', 'sales.line_count') }}, 0) as promoted_share
    from series
    inner join weeks on weeks.week_start >= series.first_week
    left join sales
        on series.product_category = sales.product_category
        and weeks.week_start = sales.week_start
)

select * from dense
order by series_id, week_start
