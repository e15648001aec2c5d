"""Which pairs of records cannot be one person, whatever else agrees."""

from __future__ import annotations

import duckdb
import pyarrow as pa

from .birth import BIRTH_NEAR
from .model import Model
from .names import CROSSED, GIVEN_ALIKE, GIVEN_NEAR, PREFIX, SWAPPED, SWAPPED_HALF
from .prepare import load

# Given names that cannot be one person's: no common root, no slip, no initial, no part of the other, no swap.
GIVEN_CONFLICT = (
    "given_l is not null and given_r is not null and least(length(given_l), length(given_r)) > 1"
    f" and not (coalesce({GIVEN_NEAR}, false) or coalesce({GIVEN_ALIKE}, false) or coalesce({PREFIX}, false)"
    f" or coalesce({SWAPPED}, false) or coalesce({SWAPPED_HALF}, false) or coalesce({CROSSED}, false)"
    " or coalesce(given_l = family_r or family_l = given_r, false))"
)
# Father and son of one name: born a generation apart, and no slip makes the dates the same.
LEAST_GENERATION_YEARS = 12
BIRTH_CONFLICT = (
    "birth_date_l is not null and birth_date_r is not null"
    " and abs(cast(left(birth_date_l, 4) as integer) - cast(left(birth_date_r, 4) as integer))"
    f" >= {LEAST_GENERATION_YEARS} and not {BIRTH_NEAR}"
)
IS_CONFLICT = f"coalesce(({GIVEN_CONFLICT}) or ({BIRTH_CONFLICT}), false)"
COLUMNS = (
    "given", "family", "given_root", "given_roots", "birth_date", "given_is_common", "family_is_common",
)  # fmt: skip


def sides(table: str, columns: tuple[str, ...]) -> str:
    """SQL selecting both sides of `columns` for pairs (row_id_l, row_id_r) of `table`, from records."""
    both = ", ".join(f"l.{c} as {c}_l, r.{c} as {c}_r" for c in columns)
    return (
        f"select pairs.row_id_l, pairs.row_id_r, {both} from {table} as pairs"
        " inner join records as l on l.row_id = pairs.row_id_l"
        " inner join records as r on r.row_id = pairs.row_id_r"
    )


def conflicting(pairs: pa.Table, features: pa.Table, model: Model) -> pa.Table:
    """The rows of `pairs` (record_key_l, record_key_r) whose records contradict each other, ordered."""
    if not pairs.num_rows:
        return pairs.select(["record_key_l", "record_key_r"])
    connection = duckdb.connect(":memory:", config={"threads": 2})
    try:
        connection.register("asked", pairs.select(["record_key_l", "record_key_r"]))
        connection.register("features", features)
        connection.execute(
            "create table of_interest as select features.* from features semi join"
            " (select record_key_l as record_key from asked union select record_key_r from asked) using (record_key)"
        )
        load(connection, "of_interest", model)
        connection.execute(
            "create table numbered as select l.row_id as row_id_l, r.row_id as row_id_r, asked.* from asked"
            " inner join records as l on l.record_key = asked.record_key_l"
            " inner join records as r on r.record_key = asked.record_key_r"
        )
        return connection.sql(
            f"with both_sides as ({sides('numbered', COLUMNS)})"
            " select record_key_l, record_key_r from numbered"
            f" inner join (select row_id_l, row_id_r from both_sides where {IS_CONFLICT}) using (row_id_l, row_id_r)"
            " order by all"
        ).to_arrow_table()
    finally:
        connection.close()
