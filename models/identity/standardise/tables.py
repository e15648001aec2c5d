"""Tables at the door: pandas, Arrow or a DuckDB relation come in, columns of Arrow text go on."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc


def as_arrow(records: Any) -> pa.Table:
    """The table as Arrow; of pandas a named index becomes a column, mixed columns become text.

    Raises:
        TypeError: it is no table. ValueError: a column is there twice.
    """
    table = _as_table(records)
    names = table.column_names
    if double := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"records: the column {double[0]!r} is there twice; keep or rename one of them")
    for at, field in enumerate(table.schema):
        # Categories are told by their values: their numbers change with every new one. Views have few functions.
        if pa.types.is_dictionary(field.type):
            table = table.set_column(at, field.name, table[at].cast(field.type.value_type))
        if pa.types.is_string_view(table[at].type) or pa.types.is_null(table[at].type):
            table = table.set_column(at, field.name, table[at].cast(pa.string()))
    return table


def _as_table(records: Any) -> pa.Table:
    if isinstance(records, pa.Table):
        return records
    if isinstance(records, pa.RecordBatch):
        return pa.Table.from_batches([records])
    if hasattr(records, "to_arrow_table"):  # a DuckDB relation
        return records.to_arrow_table()
    if hasattr(records, "columns") and hasattr(records, "index"):
        frame = records.reset_index() if records.index.name and records.index.name not in records.columns else records
        columns = [_from_pandas(frame.iloc[:, at]) for at in range(len(frame.columns))]
        return pa.Table.from_arrays(columns, names=[str(name) for name in frame.columns])
    raise TypeError(f"records: a pandas or Arrow table or a DuckDB relation is needed, not {type(records).__name__}")


def _from_pandas(column: Any) -> pa.Array | pa.ChunkedArray:
    try:
        found = pa.Array.from_pandas(column)
    except (pa.ArrowException, pa.ArrowNotImplementedError, OverflowError, UnicodeError):
        return _written(column)
    if isinstance(found.type, pa.BaseExtensionType):  # periods, intervals
        return _written(column)
    return found


def _written(column: Any) -> pa.Array:
    """Values of any type as text; half of a pair of surrogates, which is no text, as a question mark."""
    missing = column.isna().to_numpy()
    values = (
        None if gone else str(value).encode(errors="replace").decode()
        for value, gone in zip(column, missing, strict=True)
    )
    return pa.array(values, pa.string())


def is_readable(type_: pa.DataType) -> bool:
    """Whether values of the type can be read as text: no lists, bytes or other containers."""
    return not (
        pa.types.is_nested(type_)
        or pa.types.is_binary(type_)
        or pa.types.is_large_binary(type_)
        or pa.types.is_binary_view(type_)
        or pa.types.is_fixed_size_binary(type_)
        or isinstance(type_, pa.BaseExtensionType)
    )


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


def are_keys(texts: pa.Array) -> bool:
    """Whether no text is missing or there twice; texts in their order are told at once."""
    if texts.null_count:
        return False
    in_order = pc.all(pc.less(texts[:-1], texts[1:])).as_py() is not False
    return in_order or pc.count_distinct(texts).as_py() == len(texts)


def _is_whole(values: pa.Array) -> bool:
    known = pc.drop_null(values)
    # From 2^53 on every float is whole, and which number was meant is not known any more.
    fits = pc.and_(pc.equal(known, pc.round(known)), pc.less(pc.abs(known), 2.0**53))
    return pc.all(fits).as_py() is not False


def as_frame(features: pa.Table) -> Any:
    """Features as pandas with object columns, None for missing and Python lists."""
    import pandas as pd

    return pd.DataFrame({name: pd.Series(features[name].to_pylist(), dtype=object) for name in features.column_names})
