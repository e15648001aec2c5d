"""Whether a file's columns have the types that the lake has: one text among numbers would break every night to come."""

from __future__ import annotations

from collections.abc import Callable

import pyarrow as pa
from dlt.common.libs.pyarrow import UnsupportedArrowTypeException, get_column_type_from_py_arrow
from dlt.common.schema import Schema

from orchestration.raw.files.columns import name_in_lake
from orchestration.raw.files.refusal import FileRefused


def same_types(schema: Schema, table: str) -> Callable[[pa.Table], None]:
    """A check that raises FileRefused when a column of rows has another type than dlt's schema of the table says."""

    def check(rows: pa.Table) -> None:
        known = schema.tables.get(table, {}).get("columns", {})
        for field in rows.schema:
            try:
                now = get_column_type_from_py_arrow(field.type).get("data_type")
            except UnsupportedArrowTypeException:
                raise FileRefused(f"has a column {field.name} of a type that can't be kept ({field.type})") from None
            before = known.get(name_in_lake(field.name) or field.name, {}).get("data_type")
            if before is not None and before != now:
                raise FileRefused(
                    f"changed the type of column {field.name} from {before} to {now}",
                    "ask the owner to bring the type back, or load the table anew under another name",
                )

    return check
