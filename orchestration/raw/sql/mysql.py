"""MySQL and MariaDB: their catalogue, their types, their spelling of queries."""

from __future__ import annotations

import re

import pyarrow as pa

from orchestration.raw.sql.columns import NO_SUCH_DAY, NO_SUCH_MOMENT, Column

SESSION = ("set time_zone = '+00:00'",)
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")
_WHOLE = {"tinyint": 8, "smallint": 16, "mediumint": 32, "int": 32, "bigint": 64}
_SIGNED = {8: pa.int8(), 16: pa.int16(), 32: pa.int32(), 64: pa.int64()}
_UNSIGNED = {8: pa.uint8(), 16: pa.uint16(), 32: pa.uint32(), 64: pa.uint64()}
_TEXTS = ("char", "varchar", "tinytext", "text", "mediumtext", "longtext", "enum", "set", "json")
_BYTES = ("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob")
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


def quoted(name: str) -> str:
    """`name` as a quoted identifier."""
    return "`" + name.replace("`", "``") + "`"


def _text_literal(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def catalogue_query(schema: str | None, tables: list[str]) -> str:
    """Table, column and type of what this user may read."""
    in_schema = _text_literal(schema) if schema else "database()"
    return f"""
        select table_name, column_name, column_type from information_schema.columns
        where table_schema = {in_schema} and table_name in ({", ".join(map(_text_literal, tables))})
            and find_in_set('select', privileges) > 0
        order by table_name, ordinal_position"""


def read_column(name: str, database_type: str, is_text: bool) -> Column:
    """How a column is read. What has no exact type in the lake is text as the server writes it."""
    column, kind = quoted(name), database_type.lower()
    base, is_unsigned = re.split(r"[ (]", kind)[0], "unsigned" in kind
    expression, read_as, held = f"cast({column} as char)", pa.string(), pa.string()
    decimal = _DECIMAL.match(kind)
    if is_text:
        pass
    elif base in _WHOLE:
        held = (_UNSIGNED if is_unsigned else _SIGNED)[_WHOLE[base]]
        expression, read_as = column, held
    elif base in ("float", "double"):
        expression, read_as = column, pa.float32() if base == "float" else pa.float64()
        held = read_as
    elif decimal and int(decimal[1]) <= 38:
        held = pa.decimal128(int(decimal[1]), int(decimal[2]))
    elif base == "year":
        expression, read_as, held = column, pa.int16(), pa.int16()
    elif base == "bit":
        expression, read_as, held = f"cast({column} + 0 as unsigned)", pa.uint64(), pa.uint64()
    elif base == "date":
        expression = _on_a_calendar(column, f"to_days({column}) - 719528", f"to_days({column})", NO_SUCH_DAY)
        read_as, held = pa.int32(), pa.date32()
    elif base == "datetime":
        microseconds = f"timestampdiff(microsecond, '1970-01-01', {column})"
        expression = _on_a_calendar(column, microseconds, f"to_days({column})", NO_SUCH_MOMENT)
        read_as, held = pa.int64(), pa.timestamp("us")
    elif base == "timestamp":  # a moment: its number of seconds does not depend on the session's zone
        seconds = f"nullif(unix_timestamp({column}), 0)"
        expression = _on_a_calendar(column, f"{seconds} * 1000000", seconds, NO_SUCH_MOMENT)
        read_as, held = pa.int64(), pa.timestamp("us", tz="UTC")
    elif base in _BYTES:
        expression, read_as, held = column, pa.large_binary(), pa.large_binary()
    elif base in _TEXTS:
        expression = column
    elif base in ("geometry", "point", "linestring", "polygon", "geometrycollection") or base.startswith("multi"):
        expression = f"st_astext({column})"
    return Column(name, column, database_type, expression, read_as, held)


def _on_a_calendar(column: str, value: str, probe: str, sentinel: int) -> str:
    """The value, or the sentinel for a date such as 0000-00-00 or 2024-00-17, on which drivers and calendars fail."""
    return f"cast(case when {column} is not null and {probe} is null then {sentinel} else {value} end as signed)"


def _is_moment(column: Column) -> bool:
    return column.database_type.lower().startswith("timestamp")


def text_of(column: Column, expression: str | None = None) -> str:
    """A value as text that `literal` turns back into the very same value."""
    value = expression or column.quoted
    return f"cast({f'unix_timestamp({value})' if _is_moment(column) else value} as char)"


def literal(column: Column, text: str) -> str:
    """The value of `text_of` in a query. Numbers stay numbers: compared as text they would become floating point."""
    if _is_moment(column):
        return f"from_unixtime({text})"
    is_number = not (pa.types.is_string(column.type) or column.is_time)
    return text if is_number and _NUMBER.fullmatch(text) else _text_literal(text)


def earlier(column: Column, value: str, seconds: int) -> str:
    """A moment, so many seconds earlier."""
    return f"{value} - interval {seconds} second"


def tomorrow(column: Column) -> str:
    """The moment one day from now, in the column's type."""
    return "now(6) + interval 1 day"


def unfit(column: Column) -> str | None:
    """When a value does not fit the column's type in the lake; None: they all do."""
    if not column.is_time:
        return None
    return f"{column.expression} = {NO_SUCH_DAY if pa.types.is_date(column.type) else NO_SUCH_MOMENT}"
