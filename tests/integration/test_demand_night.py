"""A night's demand and orders on tables as dbt leaves them: with and without stock, promotions, known products."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import duckdb
import pandas as pd
import pytest

from orchestration.contracts import DEMAND_FORECAST
from orchestration.intelligence.demand import demand_night
from orchestration.intelligence.night import Night
from orchestration.intelligence.plots import nothing_drawn
from orchestration.intelligence.replenishment import replenishment_night

_DAY = date(2017, 12, 31)
_WEEKS = f"""
create table unified.demand_weeks as
with weeks as (
    select cast(range as date) as week_start from range(date '2017-01-02', date '{_DAY}' + 57, interval 7 day)
),
series (series_id, series_kind, product_id, store_id, product_category, department, level) as (values
    ('product:a', 'product', 'a', null, 'SOUP', 'GROCERY', 40), ('product:b', 'product', 'b', null, 'MILK', 'DAIRY', 9),
    ('other:SOUP', 'rest_of_category', null, null, 'SOUP', 'GROCERY', 100),
    ('store:a|1', 'product_store', 'a', '1', 'SOUP', 'GROCERY', 12)
)
select series_id, series_kind, product_id, store_id, product_category, department, week_start,
    week_start > date '{_DAY}' as is_future,
    case when week_start <= date '{_DAY}' then level + hash(series_id || week_start) % 7 end::double as units,
    case when week_start <= date '{_DAY}' then 2 * level end::decimal(18, 2) as sales_usd,
    0::bigint as closed_days, 0::bigint as holidays, 0::bigint as holidays_next, 0::bigint as week_of_month,
    1.0 as price_ratio, 0.0 as discount_share, 0.0 as coupon_share, 0.1 as display_share, null::double as mailer_share
from series cross join weeks
"""
_REST = f"""
create table unified.demand_series as
select distinct series_id, series_kind, product_id, store_id, product_category, department from unified.demand_weeks;
create table unified.category_weeks as
select product_category as series_id, department, week_start, is_future, sum(units) as units,
    sum(sales_usd) as sales_usd,
    0::bigint as closed_days, 0::bigint as declared_closed_days, 0::bigint as holidays, 0::bigint as holidays_next,
    0::bigint as week_of_month, avg(display_share) as promoted_share, 1.0 as price_ratio
from unified.demand_weeks where series_kind <> 'product_store' group by all;
create table unified.demand_days as
select department as series_id, day::date as day, day > date '{_DAY}' as is_future,
    case when day <= date '{_DAY}' then 20 + hash(department || day) % 9 end::double as units,
    0::bigint as closed_days, 0::bigint as holidays, 0::bigint as holidays_next, 0::bigint as week_of_month
from (select distinct department from unified.demand_weeks)
cross join range(date '2017-01-02', date '{_DAY}' + 57, interval 1 day) as days (day);
create table unified.calendar as
select day::date as day, case when day = date '2018-01-01' then 'New Year''s Day' end as holiday,
    false as is_declared_closed, case when day <= date '{_DAY}' then false end as was_closed
from range(date '2017-01-02', date '{_DAY}' + 57, interval 1 day) as days (day);
create table unified.stock as
select * from (values
    ('a', '1', 5, 0, 3, 7, 6, 0.95, 1, 'store:a|1', 1.0), ('a', '2', 500, 0, 3, 7, 6, 0.95, 1, 'product:a', 0.05),
    ('c', '1', 0, 12, 3, 7, 6, 0.95, 1, 'other:SOUP', 0.1), ('nobody', '1', 4, 0, 3, 7, 6, 0.95, null, null, null)
) as stock (product_id, store_id, on_hand_units, on_order_units, lead_time_days, review_days, pack_units, service_level,
    quantity_per_unit, series_id, share), (select null::date as next_delivery_on)
"""


@pytest.fixture
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("create schema unified")
        connection.execute(_WEEKS)
        connection.execute(_REST)
        yield connection


def _forecast(night: Night) -> pd.DataFrame:
    return night.tables["demand_forecast"][0]


def test_a_night_speaks_for_every_level_adds_up_and_orders(warehouse):
    night = demand_night(warehouse, _DAY)
    rows = _forecast(night)
    assert set(DEMAND_FORECAST.names) <= set(rows.columns)
    levels = rows.groupby(["frequency", "level"])["series_id"].nunique().to_dict()
    assert levels == {
        ("day", "department"): 2, ("day", "total"): 1, ("week", "department"): 2, ("week", "product"): 2,
        ("week", "product_category"): 2, ("week", "product_store"): 1, ("week", "rest_of_category"): 1,
        ("week", "total"): 1,
    }  # fmt: skip
    weekly = rows[rows["frequency"] == "week"]
    bottom = (
        weekly[weekly["level"].isin(["product", "rest_of_category"])].groupby("period_start")["forecast_units"].sum()
    )
    total = weekly[weekly["level"] == "total"].set_index("period_start")["forecast_units"]
    pd.testing.assert_series_equal(bottom, total, check_names=False, atol=0.01)
    assert {"total", "departments"} <= set(night.metadata)
    assert set(night.grades["subject"]) == {"demand"}
    assert "Coming weeks: New Year's Day." in night.tables["demand_notes"][0]["note"].iloc[0]

    orders = replenishment_night(warehouse, _DAY, rows).tables["replenishment"][0].set_index(["product_id", "store_id"])
    assert orders.loc[("a", "1"), "reorder_quantity"] > 0
    assert orders.loc[("a", "2"), "reorder_quantity"] == 0
    assert orders.loc[("c", "1"), "stock_out_date"] == date(2018, 1, 1)
    assert orders.loc[("nobody", "1"), "reason"] == "no forecast speaks for it"


@pytest.mark.parametrize(
    "lost",
    [
        "update unified.demand_weeks set display_share = null, mailer_share = null;"
        " update unified.category_weeks set promoted_share = null",
        "delete from unified.stock",
        "delete from unified.demand_weeks where series_kind = 'product_store'",
        "update unified.demand_weeks set units = null where series_id = 'product:a'",
    ],
    ids=["no promotions", "no stock", "no product in one store", "never to be had"],
)
def test_what_a_source_does_not_give_stops_no_night(warehouse, lost):
    warehouse.execute(lost)
    with nothing_drawn():
        rows = _forecast(demand_night(warehouse, _DAY))
        orders = replenishment_night(warehouse, _DAY, rows)
    assert {"product", "total"} <= set(rows["level"])
    assert (rows["forecast_units"] >= 0).all()
    assert len(orders.tables["replenishment"][0]) == warehouse.sql("select count(*) from unified.stock").fetchone()[0]


def test_an_empty_shop_has_no_forecast_and_no_orders(warehouse):
    for table in ("demand_weeks", "demand_series", "category_weeks", "demand_days", "stock"):
        warehouse.execute(f"delete from unified.{table}")
    night = demand_night(warehouse, _DAY)
    assert _forecast(night).empty
    assert night.tables["demand_notes"][0].empty
    assert replenishment_night(warehouse, _DAY, _forecast(night)).tables["replenishment"][0].empty


def test_two_nights_on_the_same_tables_say_the_same(warehouse):
    with nothing_drawn():
        first, second = (demand_night(warehouse, _DAY) for _ in range(2))
    for name, (rows, _) in first.tables.items():
        pd.testing.assert_frame_equal(rows, second.tables[name][0])
