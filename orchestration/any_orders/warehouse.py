"""A warehouse of one orders table, built by the project's own dbt models."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from orchestration.any_orders.columns import OrderColumns, OrdersError, described, key, moment, money, quoted
from orchestration.paths import DataDir

Orders = pd.DataFrame | pa.Table | str | Path

# The models that need nothing but orders, in the order in which dbt finds them itself.
MODELS = (
    "unified_orders",
    "unified_customer_days",
    "unified_category_days",
    "unified_feature_dates",
    "unified_feature_departments",
    "unified_customer_features",
    "unified_customer_outcomes",
    "unified_rfm_segments",
)

# What an orders table knows nothing of: these stay empty, with the columns that the models ask for.
_EMPTY = {
    "unified.customer_activity": (
        "customer_id varchar, activity_date date, known_on date, activity varchar, activity_count bigint,"
        " last_score bigint"
    ),
    "unified.customer_demographics": "customer_id varchar, fact varchar, known_on date, number bigint",
}


@contextmanager
def order_warehouse(
    orders: Orders,
    as_of: date | str | None = None,
    columns: OrderColumns | None = None,
    *,
    folder: Path | None = None,
    memory: str = "4GB",
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to a warehouse that holds `orders` and what dbt makes of them.

    Args:
        orders: one row per order line (or per order): a table, or the path or glob of Parquet files.
        as_of: the day to speak for; by default the last day of the orders. Later orders become outcomes only of
            dates before it that they follow, never features.
        columns: what the columns are called.
        folder: keep the warehouse there; by default it is removed at the end.
        memory: what DuckDB may take before it moves to disk.

    The tables have the names and columns of a night's warehouse: staged.run_date; unified.order_lines, orders,
    customer_days, category_days, feature_dates, feature_departments, customer_features, customer_outcomes,
    rfm_segments; customer_activity and customer_demographics are empty. `main.left_out` says how many rows could
    not be read, and why.

    Raises:
        OrdersError: a column is missing, or no row can be read.
    """
    with tempfile.TemporaryDirectory(prefix="orders-") as temporary:
        data = DataDir(Path(folder or temporary).resolve())
        data.root.mkdir(parents=True, exist_ok=True)
        _lay(data, orders, as_of, columns or OrderColumns(), memory)
        _build(data, memory)
        with duckdb.connect(str(data.warehouse), read_only=True) as connection:
            connection.execute(f"set memory_limit = '{memory}'")
            yield connection


def _lay(data: DataDir, orders: Orders, as_of: date | str | None, columns: OrderColumns, memory: str) -> None:
    """Write what dbt finds instead of the stages before: the lines, who is who, the run's day."""
    for old in (data.warehouse, data.warehouse_log):
        old.unlink(missing_ok=True)
    with duckdb.connect(str(data.warehouse)) as connection:
        connection.execute(f"set memory_limit = '{memory}'")
        connection.execute("set timezone = 'UTC'; set preserve_insertion_order = false")
        if isinstance(orders, str | Path):
            source = f"read_parquet('{str(orders).replace(chr(39), chr(39) * 2)}')"
        else:
            connection.register("given_orders", orders)
            source = "given_orders"
        columns.check(types := described(connection, source))
        for schema in ("staged", "validated", "unified"):
            connection.execute(f"create schema {schema}")
        connection.execute(f"create table unified.order_lines as {_lines(source, columns, types)}")
        _left_out(connection, source, columns, types)
        day = connection.execute(
            "select coalesce(try_cast($day as date), max(order_date)) from unified.order_lines",
            {"day": None if as_of is None else str(as_of)[:10]},
        ).fetchone()[0]
        connection.execute("create table staged.run_date as select $day::date as as_of", {"day": day})
        connection.execute(
            "create table validated.orders as select order_id, any_value(customer_id) as customer_record_key,"
            " min(store_id) as store_id, min(channel) as channel, min(ordered_at) as occurred_at"
            " from unified.order_lines group by order_id"
        )
        identity = data.lake / "identity"
        identity.mkdir(parents=True, exist_ok=True)
        connection.execute(
            f"copy (select distinct customer_id as record_key, customer_id from unified.order_lines)"
            f" to '{str(identity / 'assignments.parquet').replace(chr(39), chr(39) * 2)}'"
        )
        for table, shape in _EMPTY.items():
            connection.execute(f"create table {table} ({shape})")


def _read(source: str, columns: OrderColumns, types: dict[str, str]) -> str:
    """SQL of the rows as they can be read; null where a needed value can't."""
    c = columns
    texts = {"category": c.category, "department": c.department, "channel": c.channel, "store_id": c.store}
    amounts = {"retail_discount_usd": c.discount, "coupon_discount_usd": c.coupon}
    parts = [
        f"{key(c.customer, types)} as customer_id",
        f"{moment(c.time, types)} as ordered_at",
        f"{money(c.amount)} as sales_usd",
        f"{key(c.product, types) if c.product else repr('the product')} as product_id",
        f"{key(c.order, types) if c.order else 'null'} as order_key",
        f"coalesce(try_cast({_number(c.quantity)} as bigint), 1) as quantity",
        *(f"{key(name, types) if name else 'null'} as {column}" for column, name in texts.items()),
        *(
            f"greatest(coalesce({money(name) if name else 'null'}, 0), 0) as {column}"
            for column, name in amounts.items()
        ),
    ]
    return f"select {', '.join(parts)} from {source}"


def _number(name: str | None) -> str:
    return f"round(try_cast({quoted(name)} as double))" if name else "null"


def _lines(source: str, columns: OrderColumns, types: dict[str, str]) -> str:
    """SQL of unified.order_lines."""
    order = "coalesce(order_key, customer_id || '|' || strftime(ordered_at, '%Y%m%d%H%M%S%f'))"
    return f"""
        select
            {order} as order_id,
            customer_id,
            store_id,
            coalesce(channel, 'store') as channel,
            ordered_at,
            cast(ordered_at as date) as order_date,
            coalesce(product_id, 'unknown') as product_id,
            product_id is not null as has_known_product,
            coalesce(category, 'UNCATEGORISED') as product_category,
            coalesce(department, category, 'UNCATEGORISED') as department,
            false as is_private_brand,
            false as is_promoted,
            quantity,
            cast(sales_usd as decimal(18, 2)) as sales_usd,
            cast(retail_discount_usd as decimal(18, 2)) as retail_discount_usd,
            cast(coupon_discount_usd as decimal(18, 2)) as coupon_discount_usd,
            cast(0 as decimal(18, 2)) as coupon_match_discount_usd
        from ({_read(source, columns, types)})
        where {_READABLE}
    """


_READABLE = "customer_id is not null and sales_usd is not null and ordered_at between '1900-01-01' and '2200-01-01'"


def _left_out(connection: duckdb.DuckDBPyConnection, source: str, columns: OrderColumns, types: dict[str, str]) -> None:
    """Write main.left_out: rows that could not be read, by the first reason."""
    given, kept = connection.sql(
        f"select (select count(*) from {source}), (select count(*) from unified.order_lines)"
    ).fetchone()
    # Counting is cheap, reading all rows again for their reasons is not: only where there are any.
    rows = _read(source, columns, types) if given > kept else f"{_read(source, columns, types)} limit 0"
    connection.execute(f"""
        create table main.left_out as
        select
            case
                when customer_id is null then 'no customer'
                when sales_usd is null then 'no amount'
                else 'no time'
            end as reason,
            count(*) as row_count
        from ({rows})
        where not coalesce({_READABLE}, false)
        group by reason
        order by reason
    """)
    if not kept:
        reasons = connection.sql("select string_agg(row_count || ' with ' || reason, ', ') from main.left_out")
        raise OrdersError(
            f"orders: no row can be read ({reasons.fetchone()[0] or 'the table is empty'}). "
            "Remedy: check OrderColumns against the table"
        )


@lru_cache(maxsize=1)
def _project(changed_at: float) -> Any:
    """The parsed dbt project; it is the same for every warehouse."""
    from orchestration.dbt import Dbt

    with tempfile.TemporaryDirectory(prefix="orders-parse-") as folder:
        return Dbt(data_dir=folder).invoke("parse")


def _build(data: DataDir, memory: str) -> None:
    import os

    from orchestration.dbt import Dbt, _project_changed_at

    before = os.environ.get("WAREHOUSE_MEMORY_LIMIT")
    os.environ["WAREHOUSE_MEMORY_LIMIT"] = memory
    try:
        Dbt(data_dir=str(data.root)).invoke("run", "--select", *MODELS, manifest=_project(_project_changed_at()))
    finally:
        if before is None:
            del os.environ["WAREHOUSE_MEMORY_LIMIT"]
        else:
            os.environ["WAREHOUSE_MEMORY_LIMIT"] = before
