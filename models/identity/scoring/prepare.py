"""Effective features as DuckDB's table `records`, and how frequent each value is by the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

if TYPE_CHECKING:
    from .model import Model

TEXT_COLUMNS = (
    "given", "middle", "family", "given_root", "name_key", "email", "mailbox", "email_digits", "phone", "birth_date",
    "house_number", "street", "unit", "city", "region", "postcode", "address", "gender", "national_id",
    "loyalty_card", "device_id", "company",
)  # fmt: skip
# Words that name many people: their frequency is what counts, and a slip does not turn one into the other.
WORDS = {"given": "given_root", "family": "family"}


def load(connection: duckdb.DuckDBPyConnection, source: str, model: Model | None, words: pa.Table | None = None) -> None:
    """Create `records` from the table `source`: row_id in the order of record_key, text columns, given_roots, flags.

    A column that `source` lacks is null. Common words come from the model, or while fitting from
    `words` (column, value).
    """
    have = {row[0] for row in connection.sql(f"describe {source}").fetchall()}
    texts = ", ".join(f"cast({c if c in have else 'null'} as varchar) as {c}" for c in TEXT_COLUMNS)
    roots = "given_roots" if "given_roots" in have else "case when given is null then null else [given] end"
    if model is not None:
        words = model.common_words
    connection.register("common_words", words)
    flags = ", ".join(
        f"coalesce({c} in (select value from common_words where \"column\" = '{c}'), false) as {c}_is_common"
        for c in WORDS
    )
    connection.execute(
        "create or replace table records as with typed as ("
        f" select record_key, {texts}, cast({roots} as varchar[]) as given_roots from {source})"
        " select cast(row_number() over (order by record_key) - 1 as integer) as row_id, *,"
        f" {flags} from typed order by record_key"
    )
    connection.unregister("common_words")


def frequency_tables(connection: duckdb.DuckDBPyConnection, model: Model, columns: list[str]) -> None:
    """Create tf_<column> (value, tf_<column>) for every value in `records`, a function of value and model only."""
    connection.register("frequencies", model.frequencies)
    for column in columns:
        if column == "name_key":
            sql = _NAME_KEY.format(
                floor=model.floors["name_key"], given=model.floors["given_root"], family=model.floors["family"]
            )
        else:
            known = f"(select value, frequency from frequencies where \"column\" = '{column}')"
            floor = model.floors.get(column)
            how = f"coalesce(frequency, {floor})" if floor is not None else "frequency"
            sql = (
                f"select distinct {column}, {how} as tf_{column} from records"
                f" {'left' if floor is not None else 'inner'} join {known} on value = {column}"
                f" where {column} is not null"
            )
        connection.execute(f"create or replace table tf_{column} as {sql}")
    connection.unregister("frequencies")


# A full name is as frequent as its two parts make it: counting full names would count the person's own records.
# Which of the two is the given name is not known from the key, so the likelier reading counts.
_NAME_KEY = """
    with names as (
        select distinct name_key, split_part(name_key, ' ', 1) as one, split_part(name_key, ' ', 2) as two
        from records where name_key is not null
    ),
    given as (select value, frequency from frequencies where "column" = 'given_root'),
    family as (select value, frequency from frequencies where "column" = 'family')
    select name_key, greatest(
        coalesce(given_one.frequency, {given}) * coalesce(family_two.frequency, {family}),
        coalesce(given_two.frequency, {given}) * coalesce(family_one.frequency, {family}),
        {floor}) as tf_name_key
    from names
    left join given as given_one on given_one.value = one
    left join given as given_two on given_two.value = two
    left join family as family_one on family_one.value = one
    left join family as family_two on family_two.value = two
"""
