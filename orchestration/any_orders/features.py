"""Features and outcomes of an orders table as frames, for where everything fits into memory."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import pandas as pd

from orchestration.any_orders.columns import OrderColumns
from orchestration.any_orders.warehouse import Orders, order_warehouse


@dataclass(frozen=True)
class OrderFeatures:
    """What the project's dbt models make of an orders table; see docs/features.md for the columns.

    features: per customer and date what was known by then (the day asked for, and nine earlier ones 28 days apart).
    outcomes: per customer and date what came after it. customer_days: what each customer bought on each day.
    order_lines: the rows that could be read. left_out: reason to number of rows that could not.
    """

    as_of: date
    features: pd.DataFrame
    outcomes: pd.DataFrame
    customer_days: pd.DataFrame
    order_lines: pd.DataFrame
    left_out: dict[str, int]


def features_from_orders(
    orders: Orders, as_of: date | str | None = None, columns: OrderColumns | None = None
) -> OrderFeatures:
    """Run the feature models on `orders`; arguments and errors as of `order_warehouse`."""
    with order_warehouse(orders, as_of, columns) as warehouse:

        def ordered(table: str, by: str) -> pd.DataFrame:
            return warehouse.sql(f"select * from unified.{table} order by {by}").df()

        return OrderFeatures(
            as_of=warehouse.sql("select as_of from staged.run_date").fetchone()[0],
            features=ordered("customer_features", "as_of, customer_id"),
            outcomes=ordered("customer_outcomes", "as_of, customer_id"),
            customer_days=ordered("customer_days", "customer_id, order_date"),
            order_lines=ordered("order_lines", "order_id, product_id, sales_usd, quantity"),
            left_out=dict(warehouse.sql("select reason, row_count from main.left_out").fetchall()),
        )
