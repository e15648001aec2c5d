"""How a column of DuckDB is kept in PostgreSQL, and how its values are written for COPY."""

from __future__ import annotations

import re

from orchestration.lake import sql_identifier

_TYPES = {
    "BOOLEAN": "boolean",
    "TINYINT": "smallint",
    "SMALLINT": "smallint",
    "INTEGER": "integer",
    "BIGINT": "bigint",
    "UTINYINT": "smallint",
    "USMALLINT": "integer",
    "UINTEGER": "bigint",
    "UBIGINT": "numeric(20)",
    "HUGEINT": "numeric(39)",
    "UHUGEINT": "numeric(39)",
    "FLOAT": "real",
    "DOUBLE": "double precision",
    "DATE": "date",
    "TIME": "time",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP_S": "timestamp",
    "TIMESTAMP_MS": "timestamp",
    "TIMESTAMP_NS": "timestamp",  # to the microsecond, which is all that PostgreSQL keeps
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "INTERVAL": "interval",
    "UUID": "uuid",
    "BLOB": "bytea",
    "VARCHAR": "text",
    "JSON": "jsonb",
}
_NESTED = re.compile(r"\]$|^(STRUCT|MAP|UNION)\(")
_DECIMAL = re.compile(r"DECIMAL\((\d+),(\d+)\)")
_PLAIN = ("BOOLEAN", "TINYINT", "SMALLINT", "INTEGER", "BIGINT", "FLOAT", "DOUBLE", "VARCHAR")  # as Arrow writes them
_ESCAPED_NUL, _REPLACEMENT = "\\u0000", "\\ufffd"


def column_type(duckdb_type: str) -> str:
    """The type of PostgreSQL that holds every value of a type of DuckDB; text for what has no match of its own."""
    if decimal := _DECIMAL.fullmatch(duckdb_type):
        return f"numeric({decimal[1]},{decimal[2]})"
    if _NESTED.search(duckdb_type):
        return "jsonb"
    return _TYPES.get(duckdb_type, "text")


def written(column: str, duckdb_type: str) -> str:
    """SQL of DuckDB for a column as PostgreSQL reads it from CSV."""
    name = sql_identifier(column)
    if duckdb_type in _PLAIN or _DECIMAL.fullmatch(duckdb_type):
        return name
    if duckdb_type == "BLOB":
        return f"'\\x' || hex({name}) as {name}"
    if duckdb_type == "JSON" or _NESTED.search(duckdb_type):
        return f"{_without_nul(f'cast(to_json({name}) as varchar)')} as {name}"
    text = f"cast({name} as varchar)"
    if duckdb_type.startswith(("DATE", "TIMESTAMP")):
        if duckdb_type == "TIMESTAMP_NS":
            text = f"cast(cast({name} as timestamp) as varchar)"
        text = f"replace({text}, '(BC)', 'BC')"
    return f"{text} as {name}"


def _without_nul(json: str) -> str:
    """NUL, which PostgreSQL takes in no text, becomes U+FFFD; an escaped backslash before `u0000` stays what it is."""
    aside = "chr(1)"  # JSON never holds it as it is
    hidden = f"replace({json}, '\\\\', {aside})"
    return f"replace(replace({hidden}, '{_ESCAPED_NUL}', '{_REPLACEMENT}'), {aside}, '\\\\')"
