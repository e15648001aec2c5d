"""Where the last pull of a table ended, and which rows of that very moment it had already."""

from __future__ import annotations

from typing import Any

import dlt
import pyarrow as pa

LOADED_AT = "_loaded_at"


def since_last_pull(column: str) -> Any:
    """A dlt cursor on `column`: rows at or after the last value, without the rows already seen at that value.

    A row counts as seen when all of it is the same. Its key alone would not do: a row that changed twice at the
    same moment would keep its first version for ever.
    """
    return dlt.sources.incremental(column, primary_key=_all_the_source_said)


def _all_the_source_said(rows: pa.Table | dict[str, Any]) -> list[str]:
    names = rows if isinstance(rows, dict) else rows.schema.names  # dlt asks for a whole table, then for each row
    return [name for name in names if name != LOADED_AT]
