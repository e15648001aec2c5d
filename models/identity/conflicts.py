"""Which pairs of records cannot be one person, whatever else agrees."""

from __future__ import annotations

import duckdb
import pandas as pd

from .comparisons import BIRTH_CONFLICT, GIVEN_CONFLICT

COLUMNS = ["given", "family", "given_root", "given_roots", "birth_date"]


def conflicting(pairs: pd.DataFrame, records: pd.DataFrame) -> pd.DataFrame:
    """The rows of `pairs` (record_key_l, record_key_r) whose standardised records contradict each other."""
    if pairs.empty:
        return pairs
    columns = ", ".join(f"l.{c} as {c}_l, r.{c} as {c}_r" for c in COLUMNS)
    connection = duckdb.connect(":memory:", config={"threads": 1})
    try:
        connection.register("pairs", pairs)
        connection.register("records", records[["record_key", *COLUMNS]])
        casts = ", ".join(f"cast({c} as varchar{'[]' if c == 'given_roots' else ''}) as {c}" for c in COLUMNS)
        return connection.sql(f"""
            with typed as (select cast(record_key as varchar) as record_key, {casts} from records),
            sides as (
                select pairs.record_key_l, pairs.record_key_r, {columns}
                from pairs
                inner join typed as l on l.record_key = pairs.record_key_l
                inner join typed as r on r.record_key = pairs.record_key_r
            )
            select record_key_l, record_key_r from sides
            where ({GIVEN_CONFLICT}) or ({BIRTH_CONFLICT})
            order by all
        """).df()
    finally:
        connection.close()
