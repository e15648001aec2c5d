"""Effective features as DuckDB's table `records`, and how frequent each value is by the model."""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..database import in_pieces

if TYPE_CHECKING:
    from .model import Model

TEXT = pa.string()
TEXT_COLUMNS = (
    "given", "middle", "family", "given_root", "name_key", "email", "mailbox", "email_digits", "phone", "birth_date",
    "house_number", "street", "unit", "city", "region", "postcode", "address", "gender", "national_id",
    "loyalty_card", "device_id", "company",
)  # fmt: skip
# Words that name many people: their frequency is what counts, and a slip does not turn one into the other.
# Columns compared letter by letter: each has a mask of its letters and digits, which tells most words apart at once.
SPELT = ("given", "family", "email", "phone", "street", "city", "unit", "postcode", "national_id")
WORDS = {"given": "given_root", "family": "family"}


def load(
    connection: duckdb.DuckDBPyConnection, source: str | pa.Table, model: Model | None, words: pa.Table | None = None
) -> None:
    """Create `records` from `source`, features or the name of such a table; see `prepared`.

    Common words come from the model, or while fitting from `words` (column, value).
    """
    table = connection.sql(f"select * from {source}").to_arrow_table() if isinstance(source, str) else source
    words = model.common_words if model is not None else words
    connection.register("loading", in_pieces(prepared(table, words)))
    connection.execute("create table records as select * from loading")
    connection.unregister("loading")


def prepared(table: pa.Table, words: pa.Table) -> pa.Table:
    """What is compared of features.

    row_id in the order of record_key, text columns, given_roots, flags, masks of letters. A column that `table` lacks
    is null. `words` (column, value) are common ones.
    """
    keys = table["record_key"].cast(TEXT).combine_chunks()
    if not pc.all(pc.less_equal(keys[:-1], keys[1:])).as_py():
        by_key = pc.sort_indices(keys)
        table, keys = table.take(by_key), keys.take(by_key)
    columns = {"row_id": pa.array(np.arange(len(keys), dtype=np.int32)), "record_key": keys}
    columns |= {c: table[c].cast(TEXT) if c in table.column_names else pa.nulls(len(keys), TEXT) for c in TEXT_COLUMNS}
    columns["given_roots"] = table["given_roots"] if "given_roots" in table.column_names else _alone(columns["given"])
    has_order = table["has_plain_order"] if "has_plain_order" in table.column_names else pa.nulls(len(keys), pa.bool_())
    columns["given_roots_bits"] = _bits_of_lists(columns["given_roots"])
    columns |= _birth_parts(columns["birth_date"])
    columns["has_plain_order"] = pc.fill_null(has_order, False)
    columns |= {f"{c}_letters": letters(columns[c]) for c in SPELT}
    for column in WORDS:
        common = words["value"].filter(pc.equal(words["column"], column)).cast(TEXT)
        columns[f"{column}_is_common"] = pc.is_in(columns[column], value_set=common.combine_chunks())
    return pa.table(columns)


def _birth_parts(dates: pa.Array | pa.ChunkedArray) -> dict[str, pa.Array]:
    """Year, month and day of ISO dates as numbers."""
    places = {"birth_year": (0, 4), "birth_month": (5, 7), "birth_day": (8, 10)}
    return {name: pc.utf8_slice_codeunits(dates, *place).cast(pa.int16()) for name, place in places.items()}


def _bits_of_lists(lists: pa.Array | pa.ChunkedArray) -> pa.Array:
    """A few bits for each list of texts (int64): lists with a text in common have a bit in common."""
    lists = lists.combine_chunks() if isinstance(lists, pa.ChunkedArray) else lists
    lengths = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False)
    numbers = pc.list_flatten(lists).dictionary_encode().indices.to_numpy(zero_copy_only=False).astype(np.int64)
    bits = np.zeros(len(lists), dtype=np.int64)
    filled = np.flatnonzero(lengths)
    if len(filled):
        bits[filled] = np.bitwise_or.reduceat(1 << numbers % 63, (np.cumsum(lengths) - lengths)[filled])
    return pa.array(bits, mask=lists.is_null().to_numpy(zero_copy_only=False))


def _alone(given: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Lists of the one name each; null where there is none."""
    given = given.combine_chunks() if isinstance(given, pa.ChunkedArray) else given
    offsets = np.r_[0, np.cumsum(given.is_valid().to_numpy(zero_copy_only=False))].astype(np.int32)
    return pa.ListArray.from_arrays(pa.array(offsets), given.drop_null(), mask=given.is_null())


def complete(connection: duckdb.DuckDBPyConnection, source: str, view: str) -> None:
    """Create `view` of the table `source` with every column there is to compare; null where `source` lacks one."""
    have = {row[0] for row in connection.sql(f"describe {source}").fetchall()}
    texts = ", ".join(f"cast({c if c in have else 'null'} as varchar) as {c}" for c in TEXT_COLUMNS)
    roots = "given_roots" if "given_roots" in have else "case when given is null then null else [given] end"
    plain = "coalesce(has_plain_order, false)" if "has_plain_order" in have else "false"
    connection.execute(
        f"create or replace temp view {view} as select cast(record_key as varchar) as record_key, {texts},"
        f" cast({roots} as varchar[]) as given_roots, {plain} as has_plain_order from {source}"
    )


def letters(values: pa.Array | pa.ChunkedArray) -> pa.Array:
    """Which letters and digits a text has, one bit each (int64); null stays null."""
    text = values.cast(pa.large_string())
    text = text.combine_chunks() if isinstance(text, pa.ChunkedArray) else text
    if isinstance(text, pa.ChunkedArray):
        text = pa.concat_arrays(text.chunks)
    _, offsets, data = text.buffers()
    starts = np.frombuffer(offsets, dtype=np.int64)[text.offset : text.offset + len(text) + 1]
    bits = _BIT[np.frombuffer(data, dtype=np.uint8)] if data is not None else np.zeros(0, dtype=np.int64)
    masks = np.zeros(len(text), dtype=np.int64)
    filled = np.flatnonzero(starts[1:] > starts[:-1])
    if len(filled):
        # Empty texts take no bytes, so the slices of the filled ones follow each other without a gap.
        masks[filled] = np.bitwise_or.reduceat(bits[: starts[-1]], starts[:-1][filled])
    return pa.array(masks, mask=text.is_null().to_numpy(zero_copy_only=False))


def _bits() -> np.ndarray:
    """Bit of each byte: letters 0 to 25, digits 26 to 35, what is neither (bytes of other scripts) shares 24 more."""
    table = np.array([1 << (36 + byte % 24) for byte in range(256)], dtype=np.int64)
    for i, sign in enumerate(b"abcdefghijklmnopqrstuvwxyz0123456789"):
        table[sign] = 1 << i
    return table


_BIT = _bits()


def counted(connection: duckdb.DuckDBPyConnection, column: str) -> str:
    """Name of the table (value, n) of how many of the `records` have each value; made where it is not there yet."""
    connection.execute(
        f"create table if not exists counted_{column} as"
        f" select {column} as value, count(*) as n from records where {column} is not null group by all"
    )
    return f"counted_{column}"


def frequency_tables(
    connection: duckdb.DuckDBPyConnection, known: pa.Table, floors: dict[str, float], columns: Collection[str]
) -> None:
    """Create tf_<column> (<column>, tf_<column>) for every value in `records`.

    `known` (column, value, frequency) and `floors` are the model's; each frequency follows from value and model only.
    """
    parts = {"given_root", "family", "name_key"} if "name_key" in columns else set()
    shares = {column: known.filter(pc.equal(known["column"], column)) for column in {*columns, *parts}}
    for column, table in shares.items():
        connection.register(f"known_{column}", table)
    for column in columns:
        values = counted(connection, column)
        if column == "name_key":
            least = {"floor": floors["name_key"], "given": floors["given_root"], "family": floors["family"]}
            sql = _NAME_KEY.format(values=values, **least)
        else:
            floor = floors.get(column)
            how = f"coalesce(frequency, {floor})" if floor is not None else "frequency"
            sql = (
                f"select value as {column}, {how} as tf_{column} from {values}"
                f" {'left' if floor is not None else 'inner'} join known_{column} using (value)"
            )
        connection.execute(f"create or replace table tf_{column} as {sql}")
    for column in shares:
        connection.unregister(f"known_{column}")


# A full name is as frequent as its two parts make it: counting full names mostly counts the person's own records.
# Which of the two is the given name is not known from the key, so the likelier reading counts.
# Counting full names tells of namesakes where there are more records than a person has.
_NAME_KEY = """
    with names as (
        select value as name_key, split_part(value, ' ', 1) as one, split_part(value, ' ', 2) as two from {values}
    ),
    given as (select value, frequency from known_given_root),
    family as (select value, frequency from known_family),
    counted as (select value, frequency from known_name_key)
    select name_key, greatest(
        coalesce(counted.frequency, 0),
        coalesce(given_one.frequency, {given}) * coalesce(family_two.frequency, {family}),
        coalesce(given_two.frequency, {given}) * coalesce(family_one.frequency, {family}),
        {floor}) as tf_name_key
    from names
    left join counted on counted.value = name_key
    left join given as given_one on given_one.value = one
    left join given as given_two on given_two.value = two
    left join family as family_one on family_one.value = one
    left join family as family_two on family_two.value = two
"""
