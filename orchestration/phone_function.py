"""A plugin of dbt's profile: gives DuckDB the function is_valid_phone. What is valid is decided in models/phones."""

from __future__ import annotations

from typing import Any

import duckdb
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin


class Plugin(BasePlugin):
    """Registers the function on dbt's connection; phonenumbers is imported when a query first asks."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Called by dbt-duckdb once for every new connection."""
        register(conn)


def register(connection: duckdb.DuckDBPyConnection) -> None:
    """is_valid_phone(phone, country, language, default region): false, true, or null without a number.

    Vectorised over the distinct values of a batch; an answer is kept for as long as the connection.
    """
    known: dict[tuple, bool | None] = {}

    def is_valid_phone(phone: Any, country: Any, language: Any, default: Any) -> pa.Array:
        from models.phones import are_valid

        rows = zip(*(column.to_pylist() for column in (phone, country, language, default)), strict=True)
        return pa.array(are_valid(rows, known), pa.bool_())

    connection.create_function(
        "is_valid_phone",
        is_valid_phone,
        ["VARCHAR"] * 4,
        "BOOLEAN",
        type="arrow",
        null_handling="special",
    )
