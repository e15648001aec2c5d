"""PostgreSQL: its catalogue, its types, its spelling of queries."""

from __future__ import annotations

import re

import pyarrow as pa

from orchestration.lake import sql_identifier, sql_literal
from orchestration.raw.sql.columns import Column

# The zone and the order of dates in texts are the same for every user and server.
SESSION = ("set datestyle to iso, ymd", "set timezone to 'UTC'", "set extra_float_digits to 1")
# Infinite moments are what DuckDB holds for them, so that they stay infinite in the lake.
_INFINITE = {"day": 2_147_483_647, "moment": 9_223_372_036_854_775_807}
_NUMERIC = re.compile(r"numeric\((\d+),(-?\d+)\)")
_PLAIN = {
    "boolean": pa.bool_(),
    "smallint": pa.int16(),
    "integer": pa.int32(),
    "bigint": pa.int64(),
    "real": pa.float32(),
    "double precision": pa.float64(),
    "bytea": pa.large_binary(),
    "text": pa.string(),
    "name": pa.string(),
}


def quoted(name: str) -> str:
    """`name` as a quoted identifier."""
    return sql_identifier(name)


def catalogue_query(schema: str | None, tables: list[str]) -> str:
    """Table, column and type of what this user may read; domains as what they are made of."""
    in_schema = f"spaces.nspname = {sql_literal(schema)}" if schema else "pg_table_is_visible(tables.oid)"
    return f"""
        select tables.relname, columns.attname,
            case when types.typtype = 'd' then format_type(types.typbasetype, types.typtypmod)
                else format_type(columns.atttypid, columns.atttypmod) end
        from pg_class as tables
        join pg_namespace as spaces on spaces.oid = tables.relnamespace
        join pg_attribute as columns on columns.attrelid = tables.oid
        join pg_type as types on types.oid = columns.atttypid
        where {in_schema} and tables.relkind in ('r', 'v', 'm', 'p', 'f') and columns.attnum > 0
            and not columns.attisdropped and tables.relname in ({", ".join(map(sql_literal, tables))})
            and has_schema_privilege(spaces.oid, 'usage')
            and has_column_privilege(tables.oid, columns.attnum, 'select')
        order by tables.relname, columns.attnum"""


def read_column(name: str, database_type: str, is_text: bool) -> Column:
    """How a column is read. What has no exact type in the lake is text as PostgreSQL writes it."""
    column, kind = quoted(name), re.sub(r"(timestamp|time)\(\d\)", r"\1", database_type)
    expression, read_as, held = f"cast({column} as text)", pa.string(), pa.string()
    numeric = _NUMERIC.fullmatch(kind)
    if is_text:
        pass
    elif kind in _PLAIN:
        expression, read_as, held = column, _PLAIN[kind], _PLAIN[kind]
    elif kind.startswith("character"):
        expression = column
    elif numeric and 0 <= int(numeric[2]) <= int(numeric[1]) <= 38:
        held = pa.decimal128(int(numeric[1]), int(numeric[2]))
    elif kind == "date":
        expression = _unless_infinite(column, f"{column} - date '1970-01-01'", "integer", _INFINITE["day"])
        read_as, held = pa.int32(), pa.date32()
    elif kind in ("timestamp with time zone", "timestamp without time zone"):
        microseconds = f"cast(extract(epoch from {column}) * 1000000 as bigint)"
        expression = _unless_infinite(column, microseconds, "bigint", _INFINITE["moment"])
        read_as, held = pa.int64(), pa.timestamp("us", tz="UTC" if kind.endswith("with time zone") else None)
    elif kind == "time without time zone":
        expression = f"cast(extract(epoch from {column}) * 1000000 as bigint)"
        read_as, held = pa.int64(), pa.time64("us")
    return Column(name, column, database_type, expression, read_as, held)


def _unless_infinite(column: str, value: str, kind: str, infinite: int) -> str:
    return (
        f"case when isfinite({column}) then {value} when {column} > '2000-01-01' then cast({infinite} as {kind})"
        f" when {column} is not null then cast(-{infinite} as {kind}) end"
    )


def text_of(column: Column, expression: str | None = None) -> str:
    """A value as text that `literal` turns back into the very same value."""
    return f"cast({expression or column.quoted} as text)"


def literal(column: Column, text: str) -> str:
    """The value of `text_of` in a query."""
    return f"cast({sql_literal(text)} as {column.database_type})"


def earlier(column: Column, value: str, seconds: int) -> str:
    """A moment, so many seconds earlier."""
    return f"cast({value} - interval '{seconds} seconds' as {column.database_type})"


def tomorrow(column: Column) -> str:
    """The moment one day from now, in the column's type."""
    return f"cast(now() + interval '1 day' as {column.database_type})"


def unfit(column: Column) -> str | None:
    """When a value does not fit the column's type in the lake; None: they all do."""
    return f"{column.quoted} = 'NaN'" if pa.types.is_decimal(column.type) else None
