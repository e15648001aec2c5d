"""Effective features as DuckDB's table `records`, and how frequent each value is by the model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import duckdb
import numpy as np
import pyarrow as pa

if TYPE_CHECKING:
    from .model import Model

TEXT_COLUMNS = (
    "given", "middle", "family", "given_root", "name_key", "email", "mailbox", "email_digits", "phone", "birth_date",
    "house_number", "street", "unit", "city", "region", "postcode", "address", "gender", "national_id",
    "loyalty_card", "device_id", "company",
)  # fmt: skip
# Words that name many people: their frequency is what counts, and a slip does not turn one into the other.
# Columns compared letter by letter: each has a mask of its letters and digits, which tells most words apart at once.
SPELT = ("given", "family", "email", "street", "city", "unit", "postcode", "national_id")
WORDS = {"given": "given_root", "family": "family"}


def load(
    connection: duckdb.DuckDBPyConnection, source: str, model: Model | None, words: pa.Table | None = None
) -> None:
    """Create `records` from the table `source`: row_id in the order of record_key, text columns, given_roots, flags.

    A column that `source` lacks is null. Common words come from the model, or while fitting from
    `words` (column, value).
    """
    complete(connection, source, "completed")
    if model is not None:
        words = model.common_words
    connection.register("common_words", words)
    flags = ", ".join(
        f"coalesce({c} in (select value from common_words where \"column\" = '{c}'), false) as {c}_is_common"
        for c in WORDS
    )
    connection.execute("create or replace temp table typed as select * from completed order by record_key")
    spelt = connection.sql(f"select {', '.join(SPELT)} from typed").to_arrow_table()
    connection.register("masks", pa.table({f"{c}_letters": letters(spelt.column(c)) for c in SPELT}))
    connection.execute(
        "create or replace table records as"
        " select cast(row_number() over () - 1 as integer) as row_id, typed.*, masks.*,"
        f" {flags} from typed positional join masks"
    )
    connection.execute("drop table typed")
    connection.unregister("masks")
    connection.unregister("common_words")


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


def letters(values: pa.ChunkedArray) -> pa.Array:
    """Which letters and digits a text has, one bit each (int64); null stays null."""
    text = values.combine_chunks().cast(pa.large_string())
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


def frequency_tables(
    connection: duckdb.DuckDBPyConnection, known: pa.Table, floors: dict[str, float], columns: Iterable[str]
) -> None:
    """Create tf_<column> (<column>, tf_<column>) for every value in `records`.

    `known` (column, value, frequency) and `floors` are the model's; each frequency follows from value and model only.
    """
    connection.register("frequencies", known)
    for column in columns:
        if column == "name_key":
            sql = _NAME_KEY.format(floor=floors["name_key"], given=floors["given_root"], family=floors["family"])
        else:
            table = f"(select value, frequency from frequencies where \"column\" = '{column}')"
            floor = floors.get(column)
            how = f"coalesce(frequency, {floor})" if floor is not None else "frequency"
            sql = (
                f"select distinct {column}, {how} as tf_{column} from records"
                f" {'left' if floor is not None else 'inner'} join {table} on value = {column}"
                f" where {column} is not null"
            )
        connection.execute(f"create or replace table tf_{column} as {sql}")
    connection.unregister("frequencies")


# A full name is as frequent as its two parts make it: counting full names mostly counts the person's own records.
# Which of the two is the given name is not known from the key, so the likelier reading counts.
# Counting full names tells of namesakes where there are more records than a person has.
_NAME_KEY = """
    with names as (
        select distinct name_key, split_part(name_key, ' ', 1) as one, split_part(name_key, ' ', 2) as two
        from records where name_key is not null
    ),
    given as (select value, frequency from frequencies where "column" = 'given_root'),
    family as (select value, frequency from frequencies where "column" = 'family'),
    counted as (select value, frequency from frequencies where "column" = 'name_key')
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
