"""Tables at the door: pandas, Arrow or a DuckDB relation come in, columns of Arrow text go on."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def as_arrow(records: Any) -> pa.Table:
    """The table as Arrow; of pandas a named index becomes a column, mixed columns become text."""
    if isinstance(records, pa.Table):
        return records
    if isinstance(records, pa.RecordBatch):
        return pa.Table.from_batches([records])
    if hasattr(records, "to_arrow_table"):  # a DuckDB relation
        return records.to_arrow_table()
    if hasattr(records, "columns") and hasattr(records, "index"):
        frame = records.reset_index() if records.index.name and records.index.name not in records.columns else records
        return pa.table({str(name): _from_pandas(frame[name]) for name in frame.columns})
    raise TypeError(f"records: a pandas or Arrow table or a DuckDB relation is needed, not {type(records).__name__}")


def _from_pandas(column: Any) -> pa.Array:
    try:
        found = pa.Array.from_pandas(column)
    except (pa.ArrowInvalid, pa.ArrowTypeError):
        missing = column.isna().to_numpy()
        values = (None if gone else str(value) for value, gone in zip(column, missing, strict=True))
        return pa.array(values, pa.string())
    if pa.types.is_null(found.type):
        found = found.cast(pa.string())
    return found.combine_chunks() if isinstance(found, pa.ChunkedArray) else found


def as_text(column: pa.ChunkedArray | pa.Array) -> pa.Array:
    """A column as text: dates in ISO form, whole numbers without .0; nothing is trimmed."""
    values = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if isinstance(values, pa.ChunkedArray):  # several chunks remain where one is too large
        values = pa.concat_arrays(values.chunks)
    type_ = values.type
    if pa.types.is_date(type_) or pa.types.is_timestamp(type_):
        return pc.strftime(values, format="%Y-%m-%d")
    if pa.types.is_floating(type_) and _is_whole(values):
        values = values.cast(pa.int64())
    return values.cast(pa.string())


def _is_whole(values: pa.Array) -> bool:
    known = pc.drop_null(values)
    return (
        pc.all(pc.equal(known, pc.round(known))).as_py() is not False
        and pc.all(pc.is_finite(known)).as_py() is not False
    )


def as_frame(features: pa.Table) -> Any:
    """Features as pandas with object columns, None for missing and Python lists."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(features[name].to_pylist(), dtype=object) for name in features.column_names})
