"""What the columns of an orders table are called, and how their values are read."""

from __future__ import annotations

from dataclasses import dataclass, fields

import duckdb


class OrdersError(ValueError):
    """The orders table can't be used; the message says what, where and what to do."""


@dataclass(frozen=True)
class OrderColumns:
    """Names of the columns; the first four are needed, the others None where a table has none.

    customer: key of the customer, text or number. time: day or time of the order (UTC where it has no zone).
    amount: money received for the line, US dollars; below zero for goods brought back. product: key of what was
    bought; a table without products is one of a single product.
    order: key of the order; without it, what a customer bought at one time is one order.
    discount, coupon: money taken off the price, by the shop and by coupons.
    """

    customer: str = "customer_id"
    time: str = "ordered_at"
    amount: str = "sales_usd"
    product: str | None = "product_id"
    quantity: str | None = None
    discount: str | None = None
    coupon: str | None = None
    order: str | None = None
    category: str | None = None
    department: str | None = None
    channel: str | None = None
    store: str | None = None

    def check(self, present: dict[str, str]) -> None:
        """Raise OrdersError where a named column is not among `present` (name to type)."""
        for role in fields(self):
            name = getattr(self, role.name)
            if name is not None and name not in present:
                raise OrdersError(
                    f"orders: no column {name!r} for {role.name}. "
                    f"Remedy: OrderColumns({role.name}=…) with one of {', '.join(sorted(present)) or 'none'}"
                )


def key(name: str, types: dict[str, str]) -> str:
    """SQL of a column as a key: text; whole numbers that came as floating point are written whole."""
    column = quoted(name)
    if types[name] in ("DOUBLE", "FLOAT"):  # pandas writes whole numbers so where one is missing
        whole = f"{column} = floor({column}) and abs({column}) < 1e15"
        text = f"case when {whole} then cast(cast({column} as bigint) as varchar) else cast({column} as varchar) end"
        return f"case when not isnan({column}) then {text} end"
    return f"nullif(trim(cast({column} as varchar)), '')"


def money(name: str) -> str:
    """SQL of a column as money to the cent; null where it is no number, not finite or beyond 15 digits."""
    number = f"try_cast({quoted(name)} as double)"
    exact = f"try_cast({quoted(name)} as decimal(18, 2))"
    return f"case when isfinite({number}) and abs({number}) < 1e13 then {exact} end"


def moment(name: str, types: dict[str, str]) -> str:
    """SQL of a column as a time in UTC without a zone; null where it is none."""
    if types[name] == "TIMESTAMP WITH TIME ZONE":
        return f"timezone('UTC', {quoted(name)})"
    if types[name] in ("BIGINT", "INTEGER", "UBIGINT", "UINTEGER"):  # 20171231
        return f"try_cast(try_strptime(cast({quoted(name)} as varchar), '%Y%m%d') as timestamp)"
    return f"try_cast({quoted(name)} as timestamp)"


def quoted(name: str) -> str:
    """A name as SQL takes it, whatever is in it."""
    return '"' + name.replace('"', '""') + '"'


def described(connection: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Columns of a relation to their types."""
    return {row[0]: row[1] for row in connection.sql(f"describe select * from {relation}").fetchall()}
