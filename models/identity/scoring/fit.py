"""Fit a Model to effective features, once and without labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa

from ..settings import IdentitySettings
from .blocking import choose, make_candidates, make_keys
from .catalogue import comparisons_for
from .comparison import Comparison
from .conflicts import COLUMNS, IS_CONFLICT, sides
from .estimate import Patterns, estimate
from .frequency import common_words, frequencies
from .model import FREQUENCY_SCHEMA, OVERSIZED_SCHEMA, Model
from .prepare import TEXT_COLUMNS, load
from .rules import Rule, agree_sql, possible, proven


def fit(features: pa.Table, settings: IdentitySettings | None = None, order: Any = None) -> Model:
    """The Model of effective `features` (as `standardise` makes them, blocked values null).

    Takes every row once to count, and bounded samples to learn. Same rows in any order, same model.
    `order` is not read: the features carry it already.
    """
    settings = settings or IdentitySettings()
    connection = duckdb.connect(":memory:", config={"threads": settings.threads})
    try:
        connection.register("features", features)
        load(connection, "features", None, common_words(connection, features, settings))
        return _fit(connection, features.num_rows, settings)
    finally:
        connection.close()


def _fit(connection: duckdb.DuckDBPyConnection, records: int, settings: IdentitySettings) -> Model:
    counts = ", ".join(f"count(distinct {c})" for c in TEXT_COLUMNS)
    distinct = dict(zip(TEXT_COLUMNS, connection.sql(f"select {counts} from records").fetchone(), strict=True))
    comparisons = comparisons_for(distinct)
    if records < 2 or not comparisons:
        empty = FREQUENCY_SCHEMA.empty_table()
        return Model(tuple(comparisons), 1e-4, (), (), {}, empty, empty.select(["column", "value"]),
                     OVERSIZED_SCHEMA.empty_table(), {"records": records})  # fmt: skip
    budget = int(max(settings.pairs_per_record * records, settings.least_pair_budget))
    choice = choose(connection, records, budget, settings.largest_block)
    make_keys(connection, choice.rules, choice.oversized)
    one_in = max(1, math.ceil(sum(choice.pairs.values()) / settings.training_pairs))
    make_candidates(connection, choice.rules, one_in=one_in)
    _random_pairs(connection, records, settings.random_pairs)
    rules = possible(settings.rules, distinct)
    candidates, agrees = patterns(connection, comparisons, "candidates", rules)
    random, _ = patterns(connection, comparisons, "random_pairs")
    found = estimate(
        comparisons, candidates, random, records=records, one_in=one_in, decimals=settings.parameter_digits
    )
    per_person = 1.0 + 2.0 * found.matches / records
    values, floors = frequencies(connection, found.comparisons, records, per_person)
    return Model(
        comparisons=found.comparisons,
        prior=found.prior,
        blocking=choice.rules,
        rules=proven(rules, agrees, candidates.counts, found.posterior, settings.rule_precision),
        floors=floors,
        frequencies=values,
        common_words=connection.sql(
            'select "column", value from common_words_kept order by "column", value'
        ).to_arrow_table(),
        oversized=choice.oversized,
        trained_on={
            "records": records,
            "pair_budget": budget,
            "pairs_per_rule": choice.pairs,
            "candidate_pairs": int(candidates.counts.sum()),
            "one_in": one_in,
            "random_pairs": int(random.counts.sum()),
            "expected_matches": found.matches,
        },
    )


def _random_pairs(connection: duckdb.DuckDBPyConnection, records: int, wanted: int) -> None:
    """Create `random_pairs`: every pair where there are few, else each record with some others, by hash of the key."""
    steps = max(1, min(math.ceil(wanted / records), (records - 1) // 2))
    if records * (records - 1) // 2 <= wanted:
        connection.execute(
            "create or replace table random_pairs as select l.row_id as row_id_l, r.row_id as row_id_r"
            " from records as l inner join records as r on l.row_id < r.row_id"
        )
        return
    connection.execute(
        "create or replace temp table places as select row_id,"
        " row_number() over (order by md5(record_key), record_key) - 1 as place from records"
    )
    connection.execute(
        "create or replace table random_pairs as"
        " select least(l.row_id, r.row_id) as row_id_l, greatest(l.row_id, r.row_id) as row_id_r"
        f" from places as l cross join range(1, {steps} + 1) as steps(step)"
        f" inner join places as r on r.place = (l.place + step) % {records}"
    )


def patterns(
    connection: duckdb.DuckDBPyConnection,
    comparisons: Sequence[Comparison],
    table: str,
    rules: Sequence[Rule] = (),
) -> tuple[Patterns, np.ndarray]:
    """Pairs of `table` counted by their levels, and which rules hold (patterns x rules), in the order of the levels."""
    read = [*(c for comparison in comparisons for c in comparison.columns), *COLUMNS, *(c for r in rules for c in r)]
    names = [f"g{i}" for i in range(len(comparisons))] + ["impossible"] + [f"r{i}" for i in range(len(rules))]
    values = [f"{c.level_sql()}::tinyint" for c in comparisons] + [IS_CONFLICT] + [agree_sql(rule) for rule in rules]
    columns = ", ".join(f"{value} as {name}" for value, name in zip(values, names, strict=True))
    counted = connection.sql(
        f"with both_sides as ({sides(table, tuple(dict.fromkeys(read)))})"
        f" select {columns}, count(*) as pairs from both_sides group by all order by all"
    ).fetchnumpy()
    length = len(counted["pairs"])
    matrix = np.column_stack([counted[f"g{i}"] for i in range(len(comparisons))]).astype(np.int64)
    agrees = np.zeros((length, len(rules)), dtype=bool)
    for i in range(len(rules)):
        agrees[:, i] = counted[f"r{i}"]
    return Patterns(matrix, counted["pairs"].astype(np.float64), counted["impossible"].astype(bool)), agrees
