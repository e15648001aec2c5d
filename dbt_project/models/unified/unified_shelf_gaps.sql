-- On how many days of a week a product could not be bought in a store that keeps it: the shelf was
-- empty, or the store was shut while the company was open. Of a store, only one that is busy enough
-- to be surely shut on a day without any order.
with run_date as (
    select as_of from {{ ref('staged_run_date') }}
),

calendar as (
    select
        day,
        week_start
    from {{ ref('unified_calendar') }}
    where not was_closed
),

empty_days as (
    select distinct
        outs.product_id,
        outs.store_id,
        calendar.week_start,
        calendar.day
    from {{ ref('validated_stock_outs') }} as outs
    cross join run_date
    inner join calendar
        on calendar.day >= outs.out_from
        and calendar.day <= coalesce(outs.out_until, run_date.as_of)
),

traded as (
    select
        store_id,
        order_date,
        count(*) as orders
    from {{ ref('unified_orders') }}
    where store_id is not null
    group by store_id, order_date
),

busy as (
    select
        store_id,
        min(order_date) as first_day,
        max(order_date) as last_day
    from traded
    group by store_id
    having sum(orders) >= {{ var('demand').store_open_orders }}
        * ({{ days_between('min(order_date)', 'max(order_date)') }} + 1)
),

shut_days as (
    select
        busy.store_id,
        calendar.week_start,
        calendar.day
    from busy
    inner join calendar on calendar.day > busy.first_day and calendar.day < busy.last_day
    left join traded
        on busy.store_id = traded.store_id
        and calendar.day = traded.order_date
    where traded.store_id is null
)

select
    product_id,
    store_id,
    week_start,
    count(*) as days
from empty_days
group by product_id, store_id, week_start
union all
select
    cast(null as {{ dbt.type_string() }}) as product_id,
    store_id,
    week_start,
    count(*) as days
from shut_days
group by store_id, week_start
