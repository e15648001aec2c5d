"""How many other people have a value: what an agreement on it is worth."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pyarrow as pa

from ..settings import IdentitySettings
from .comparison import FEWEST, Comparison
from .model import FREQUENCY_SCHEMA
from .prepare import WORDS, counted

# Columns of words that name many things; the rest are identifiers, whose frequency matters only where it is high.
WORD_COLUMNS = ("given_root", "family", "postcode", "city", "company")
# A value nobody else has shown is still borne by somebody: half a record.
UNSEEN = 0.5
# Two people of one full name are rarer still, but no rarer than this many per record.
UNSEEN_NAME = 0.02


def common_words(connection: duckdb.DuckDBPyConnection, features: pa.Table, settings: IdentitySettings) -> pa.Table:
    """Words (column, value) that so many records bear that they are no slip of another word."""
    parts = [
        f"select '{column}' as \"column\", {column} as value from features where length({column}) > 1"
        f" group by all having count(*) >= greatest({settings.common_word_records},"
        f" {settings.common_word_share} * {features.num_rows})"
        for column in WORDS
        if column in features.column_names
    ]
    if not parts:
        parts = ['select null::varchar as "column", null::varchar as value where false']
    table = connection.sql(f"select * from ({' union all '.join(parts)}) order by all").to_arrow_table()
    connection.register("common_words_kept", table)
    return table


def frequencies(
    connection: duckdb.DuckDBPyConnection, comparisons: Sequence[Comparison], records: int, per_person: float
) -> tuple[pa.Table, dict[str, float]]:
    """(column, value, frequency) and the frequency of a value never seen, by column.

    A person's own records are no evidence that others have the value, so `per_person` records are taken
    off each count. Of identifiers only values commoner than their level's u are kept.
    """
    wanted = {lv.frequency: lv.u for c in comparisons for lv in c.levels if lv.frequency}
    columns = sorted(set(wanted) | ({"given_root", "family"} if "name_key" in wanted else set()))
    floors = {c: float(f"{UNSEEN / max(records, FEWEST):.6g}") for c in columns if c in WORD_COLUMNS}
    if "name_key" in wanted:
        floors["name_key"] = float(f"{UNSEEN_NAME / max(records, FEWEST):.6g}")
    # A full name counts for itself only where there are more records of it than of one person.
    tables = []
    for column in columns:
        least = floors.get(column, wanted.get(column, 0.0))
        values = counted(connection, column)
        tables.append(
            connection.sql(
                f"with shares as (select value, round((n - {per_person:.4f})"
                f" / (select greatest(sum(n), {FEWEST}) from {values}), 9) as frequency from {values})"
                f" select '{column}' as \"column\", value, frequency from shares"
                f" where frequency > {least} order by value"
            )
            .to_arrow_table()
            .cast(FREQUENCY_SCHEMA)
        )
    return (pa.concat_tables(tables).combine_chunks() if tables else FREQUENCY_SCHEMA.empty_table()), floors
