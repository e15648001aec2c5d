"""Parquet, batch by batch, with the checksums of its pages where its writer left some.

Whole numbers come as 64-bit, structs, lists and maps as JSON, so that files of one table fit together whatever wrote
them. Other types stay what they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from orchestration.lake import sql_identifier
from orchestration.raw.files.bucket import explained_file
from orchestration.raw.files.columns import UNREADABLE, usable_names
from orchestration.raw.files.content import Content
from orchestration.raw.files.refusal import damaged

_BATCH_BYTES = 64 * 1024 * 1024
_MOST_ROWS_AT_ONCE = 1024 * 1024
_BUFFER = 4 * 1024 * 1024


def read_parquet(content: Content, require: Callable[[list[str]], None]) -> Iterator[pa.Table]:
    """The rows of a Parquet file.

    Args:
        content: the file.
        require: called with the names of the columns found; raises when one is missing.

    Raises:
        FileRefused: it is cut off or damaged, or its names can't be columns.
    """
    try:
        with (
            content.open() as stream,
            pq.ParquetFile(stream, buffer_size=0 if content.held else _BUFFER, page_checksum_verification=True) as file,
        ):
            names = usable_names(file.schema_arrow.names)
            require(names)
            per_row = sum(file.metadata.row_group(group).total_byte_size for group in range(file.num_row_groups))
            per_row //= max(file.metadata.num_rows, 1)
            rows = max(1, min(_MOST_ROWS_AT_ONCE, _BATCH_BYTES // max(per_row, 1)))
            for batch in file.iter_batches(batch_size=rows):
                yield _fitted(pa.Table.from_batches([batch]).rename_columns(names))
    except (pa.ArrowException, duckdb.Error, OSError, ValueError, MemoryError) as error:
        if not content.held:
            content.check_unchanged()
            if isinstance(error, OSError) and "AWS Error" in str(error):
                with explained_file():
                    raise
        raise damaged("parquet", error) from None


def _fitted(rows: pa.Table) -> pa.Table:
    nested = [field.name for field in rows.schema if pa.types.is_nested(field.type)]
    if nested:
        rows = _as_json(rows, nested)
    for place, field in enumerate(rows.schema):
        fitting = _fitting(field.type)
        column = rows.column(place)
        if pa.types.is_string(fitting) or pa.types.is_large_string(field.type):
            column.validate(full=True)  # text that is no UTF-8 would break every reader of the lake
        if fitting != field.type:
            rows = rows.set_column(place, field.name, column.cast(fitting))
    unknown = [field.name for field in rows.schema if pa.types.is_null(field.type)]
    return rows.drop_columns(unknown).append_column(UNREADABLE, pa.nulls(rows.num_rows, pa.string()))


def _fitting(kind: pa.DataType) -> pa.DataType:
    if pa.types.is_dictionary(kind):
        return _fitting(kind.value_type)
    if pa.types.is_uint64(kind):
        return pa.decimal128(20, 0)
    if pa.types.is_integer(kind):
        return pa.int64()
    if pa.types.is_floating(kind):
        return pa.float64()
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return pa.string()
    if pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind) or pa.types.is_fixed_size_binary(kind):
        return pa.binary()
    if pa.types.is_timestamp(kind):
        return pa.timestamp("us", kind.tz)
    if pa.types.is_date64(kind):
        return pa.date32()
    return kind


def _as_json(rows: pa.Table, nested: list[str]) -> pa.Table:
    picked = ", ".join(f"cast(to_json({sql_identifier(name)}) as varchar) as {sql_identifier(name)}" for name in nested)
    with duckdb.connect() as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("delivered", rows.select(nested))
        as_json = connection.execute(f"select {picked} from delivered").to_arrow_table()
    for name in nested:
        rows = rows.set_column(rows.column_names.index(name), name, as_json.column(name))
    return rows
