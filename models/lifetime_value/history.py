"""Purchases up to a day, and what they say of each customer as of that day or any earlier one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

# Time before an origin in which purchases are counted, for the challenger: two weeks to half a year.
WINDOWS_DAYS = (14, 28, 56, 84, 168)


class PurchaseHistory:
    """Days on which customers bought, up to and with `as_of`; later ones are not looked at.

    A purchase is a day with positive sales: several orders of a day are one, as in the literature, and a day on which
    more was returned than bought is none (its money still counts). Amounts that are no number, or too large to be
    money, count as nothing; they are told of by `is_strange`.
    """

    def __init__(self, days: Any, as_of: date) -> None:
        """`days`: DuckDB relation, Arrow table or DataFrame with customer_id, order_date and sales_usd."""
        wanted = ["customer_id", "order_date", "sales_usd"]
        if isinstance(days, duckdb.DuckDBPyRelation):
            days = days.select(*wanted).to_arrow_table()
        elif isinstance(days, pd.DataFrame):
            days = pa.Table.from_pandas(days[wanted], preserve_index=False)
        self.as_of = as_of
        self._database = duckdb.connect()
        self._database.register("given", days)
        # Whole cents are summed: exact, so neither order nor threads can change a digit.
        self._database.execute(
            """
            create table days as
            with readable as (
                select
                    cast(customer_id as varchar) as customer_id,
                    try_cast(order_date as date) as day,
                    try_cast(sales_usd as double) as amount
                from given
                where customer_id is not null
            ),
            kept as (
                select
                    *,
                    amount is null or isnan(amount) or abs(amount) > 1e9 as is_strange
                from readable
                where day <= $as_of
            )
            select
                customer_id,
                day,
                cast(sum(case when is_strange then 0 else round(amount * 100) end) as bigint) as cents,
                bool_or(is_strange) as is_strange
            from kept
            group by customer_id, day
            """,
            {"as_of": as_of},
        )
        self._database.unregister("given")
        self.customers, self.first_day = self._database.sql(
            "select count(distinct customer_id), min(day) from days"
        ).fetchone()

    def at(self, origin: date, horizons: Sequence[int], sample: int | None = None) -> pd.DataFrame:
        """One row per customer who had bought by `origin`, ordered by customer_id.

        Columns: customer_id; purchases; x, t_x, T (repeat purchases, days from first to last, days from first to
        origin); positive_usd (sum over purchases), spend_usd (returns taken off); is_strange; purchases_<n>d and
        spend_<n>d for the windows and horizons before; and per horizon what came after, purchases_next_<n>d and
        spend_next_<n>d, which is missing where the horizon ends behind what is known.

        Args:
            sample: at most about so many customers, by a hash of their id; all by default.
        """
        table = "days" if sample is None or sample >= self.customers else self._sampled(sample)
        back = sorted({*WINDOWS_DAYS, *horizons})
        before = ", ".join(
            f"""count(*) filter (where age between 0 and {n - 1} and cents > 0) as purchases_{n}d,
            coalesce(sum(cents) filter (where age between 0 and {n - 1}), 0)::double / 100 as spend_{n}d"""
            for n in back
        )
        known = (self.as_of - origin).days
        after = ", ".join(
            f"""count(*) filter (where age between {-n} and -1 and cents > 0)::double as purchases_next_{n}d,
            coalesce(sum(cents) filter (where age between {-n} and -1), 0)::double / 100 as spend_next_{n}d"""
            if n <= known
            else f"null::double as purchases_next_{n}d, null::double as spend_next_{n}d"
            for n in horizons
        )
        query = f"""
            with aged as (
                select *, date_diff('day', day, $origin) as age
                from {table}
            )
            select
                customer_id,
                count(*) filter (where age >= 0 and cents > 0) as purchases,
                max(age) filter (where age >= 0 and cents > 0) as first_age,
                min(age) filter (where age >= 0 and cents > 0) as last_age,
                max(age) as known_age,
                coalesce(sum(cents) filter (where age >= 0 and cents > 0), 0)::double / 100 as positive_usd,
                coalesce(sum(cents) filter (where age >= 0), 0)::double / 100 as spend_usd,
                coalesce(bool_or(is_strange) filter (where age >= 0), false) as is_strange,
                {before}{"," if after else ""}
                {after}
            from aged
            group by customer_id
            having max(age) >= 0
            order by customer_id
        """
        found = self._database.execute(query, {"origin": origin}).df()
        first = found["first_age"].fillna(found["known_age"]).to_numpy("float64")
        last = found["last_age"].fillna(found["known_age"]).to_numpy("float64")
        found["x"] = (found["purchases"] - 1).clip(lower=0).astype("float64")
        found["t_x"], found["T"] = first - last, first
        return found.drop(columns=["first_age", "last_age", "known_age"])

    def _sampled(self, sample: int) -> str:
        """Name of the table with the days of about `sample` customers; made once."""
        name = f"days_of_{int(sample)}"
        self._database.execute(
            f"""create table if not exists {name} as
            select * from days where md5_number_lower(customer_id) % 1000000 < $share * 1000000""",
            {"share": sample / self.customers},
        )
        return name
