"""What was bought before and after a date, on whole numbers in memory: what lists of products are judged by."""

from __future__ import annotations

from datetime import date
from types import TracebackType

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from ..recommend import RecommendSettings
from ..recommend.lists import just_bought

# Baselines are excluded from what the served lists are excluded from: the rule and its days are the recommendations'.
_EXCLUDED = RecommendSettings()
# Popular means bought by most customers lately: eight weeks hold two of the usual promotions.
_POPULAR_DAYS = 56
# A customer rarely knows more of the most popular products than this, so twenty are left to recommend as new.
_POPULAR_KEPT = 400


class Purchases:
    """Order lines as codes; made once for many dates. Close it, or use it as a context manager.

    Args:
        lines: customer_id, product_id and order_date of everything bought; lines without one of them are left out.

    `customers` and `products` are the ids in ascending order: a code is a place in them.
    """

    def __init__(self, lines: duckdb.DuckDBPyRelation) -> None:
        self._connection = duckdb.connect()
        self._connection.register("given", lines.to_arrow_table())
        for name in ("customer", "product"):
            self._connection.execute(
                f"create table {name}s as select {name}_id, (row_number() over (order by {name}_id) - 1)::int as {name}"
                f" from (select distinct {name}_id from given where {name}_id is not null)"
            )
        self._connection.execute(
            "create table lines as select distinct customer, product, order_date from given"
            " join customers using (customer_id) join products using (product_id) where order_date is not null"
        )
        self._connection.unregister("given")
        self.customers, self.products = (
            pd.Index(self._connection.sql(f"select {name}_id from {name}s order by {name}").df()[f"{name}_id"])
            for name in ("customer", "product")
        )

    def __enter__(self) -> Purchases:
        return self

    def __exit__(self, kind: type | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Give the memory back."""
        self._connection.close()

    def codes(self, lists: pd.DataFrame) -> dict[str, np.ndarray]:
        """Lists (customer_id, product_id, rank) as codes; a product nobody ever bought has a code below zero."""
        return {
            "customer": self.customers.get_indexer(lists["customer_id"]),
            "product": self.products.get_indexer(lists["product_id"]),
            "rank": lists["rank"].to_numpy("int64"),
        }

    def known(self, as_of: date, most: int) -> None:
        """Look at a date: what was known then, and the customers that count, the same ones on every date."""
        self._connection.execute(
            "create or replace temp table history as select customer, product, count(*) as days,"
            " min(order_date) as first_date, max(order_date) as last_date from lines where order_date <= $1"
            " group by customer, product",
            [as_of],
        )
        self._connection.execute(
            "create or replace temp table judged as select customer from customers"
            " semi join history using (customer) order by md5(customer_id) limit $1",
            [most],
        )
        self._connection.execute(
            "create or replace temp table recent as select product, count(distinct customer) as buyers from lines"
            " where order_date <= $1 and order_date > $1 - to_days($2) group by product"
            " order by buyers desc, product limit $3",
            [as_of, _POPULAR_DAYS, _POPULAR_KEPT],
        )
        self._exclude(as_of)

    def _exclude(self, as_of: date) -> None:
        """What no list may hold as of the date: `just` by customer and product, `unsold` products.

        As in `models.recommend.lists.allowed`, but for the catalogue's word, which is not kept for past dates.
        """
        lately = self._connection.execute(
            "select customer, product, days, date_diff('day', first_date, $1) as first_days,"
            " date_diff('day', last_date, $1) as last_days from history semi join judged using (customer)"
            " where last_date > $1 - to_days($2)",
            [as_of, _EXCLUDED.just_bought_days],
        ).fetchnumpy()
        just = just_bought(lately["days"], lately["first_days"], lately["last_days"], _EXCLUDED)
        pairs = pa.table({name: lately[name][just] for name in ("customer", "product")})
        self._connection.register("pairs", pairs)
        self._connection.execute("create or replace temp table just as select customer, product from pairs")
        self._connection.unregister("pairs")
        # As in the habits: a shop that was closed says nothing about what is sold.
        self._connection.execute(
            "create or replace temp table unsold as with by_product as (select product,"
            " max(max(order_date)) over () > $1 - to_days($2) as is_open, max(order_date) as last_date"
            " from lines where order_date <= $1 group by product)"
            " select product from by_product where is_open and last_date <= $1 - to_days($2)",
            [as_of, _EXCLUDED.unsold_days],
        )

    def sold(self) -> np.ndarray:
        """Codes of the products sold up to the date, in order."""
        return self._connection.sql("select distinct product from history order by 1").fetchnumpy()["product"]

    def next_basket(self, as_of: date, days: int) -> dict[str, np.ndarray]:
        """What the customers that count bought on their first day with an order after the date, within `days`."""
        return self._bought(as_of, days, "qualify order_date = min(order_date) over (partition by customer)")

    def new_products(self, as_of: date, days: int) -> dict[str, np.ndarray]:
        """What they bought within `days` after the date and never before."""
        return self._bought(as_of, days, "", "anti join history using (customer, product)")

    def _bought(self, as_of: date, days: int, first_day: str, new: str = "") -> dict[str, np.ndarray]:
        return self._connection.execute(
            "select distinct customer, product from (select * from lines semi join judged using (customer)"
            f" where order_date > $1 and order_date <= $1 + to_days($2) {first_day}) {new} order by customer, product",
            [as_of, days],
        ).fetchnumpy()

    def popular(self, length: int, new: bool) -> dict[str, np.ndarray]:
        """The products that most customers bought lately; with `new` those that the customer had not bought.

        Neither this nor `frequent` lists what the served lists may not hold.
        """
        unknown = "anti join history using (customer, product)" if new else ""
        return self._connection.sql(
            "select customer, product, row_number() over (partition by customer order by buyers desc, product) as rank"
            " from (select * from judged cross join recent) anti join just using (customer, product)"
            f" {unknown} qualify rank <= {length} order by customer, rank"
        ).fetchnumpy()

    def frequent(self, length: int) -> dict[str, np.ndarray]:
        """The products that each customer bought on most days; equal ones by the newer purchase, then by product."""
        return self._connection.sql(
            "select customer, product, row_number() over (partition by customer"
            " order by days desc, last_date desc, product) as rank from history semi join judged using (customer)"
            " anti join just using (customer, product) anti join unsold using (product)"
            f" qualify rank <= {length} order by customer, rank"
        ).fetchnumpy()
