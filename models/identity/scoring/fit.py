"""Fit a Model to effective features, once and without labels."""

from __future__ import annotations

import math
from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from ..settings import IdentitySettings
from .blocking import make_candidates, make_keys
from .catalogue import comparisons_for
from .choice import choose
from .comparison import Comparison
from .conflicts import COLUMNS, contradictions_hold, is_conflict, sides
from .estimate import Patterns, estimate
from .frequency import common_words, frequencies
from .model import FREQUENCY_SCHEMA, OVERSIZED_SCHEMA, Model
from .prepare import TEXT_COLUMNS, frequency_tables, load
from .rules import Rule, agree_sql, possible, proven


def fit(features: pa.Table, settings: IdentitySettings | None = None) -> Model:
    """The Model of effective `features` (as `standardise` makes them, blocked values null).

    Takes every row once to count, and bounded samples to learn. Same rows in any order, same model.
    """
    settings = settings or IdentitySettings()
    with duckdb.connect(":memory:", config={"threads": settings.threads}) as connection:
        return load_and_fit(connection, features, settings)


def load_and_fit(connection: duckdb.DuckDBPyConnection, features: pa.Table, settings: IdentitySettings) -> Model:
    """`fit` that leaves the tables `records` and, where the model has blocking rules, `keys` behind."""
    connection.register("features", features)
    load(connection, features, None, common_words(connection, features, settings))
    records = features.num_rows
    # None, one or several is all that is asked.
    counts = ", ".join(
        f"case when min({c}) is null then 0 when min({c}) = max({c}) then 1 else 2 end" for c in TEXT_COLUMNS
    )
    distinct = dict(zip(TEXT_COLUMNS, connection.sql(f"select {counts} from records").fetchone(), strict=True))
    comparisons = comparisons_for(distinct, records)
    if records < 2 or not comparisons:
        empty = FREQUENCY_SCHEMA.empty_table()
        return Model(tuple(comparisons), 1e-4, True, (), (), {}, empty, empty.select(["column", "value"]),
                     OVERSIZED_SCHEMA.empty_table(), {"records": records})  # fmt: skip
    budget = int(max(settings.pairs_per_record * records, settings.least_pair_budget))
    choice = choose(connection, records, budget, settings.largest_block)
    make_keys(connection, choice.rules, choice.oversized)
    one_in = max(1, math.ceil(sum(choice.pairs.values()) / settings.training_pairs))
    make_candidates(connection, choice.rules, one_in=one_in)
    _random_pairs(connection, records, settings.random_pairs)
    rules = possible(settings.rules, distinct)
    holds = contradictions_hold(connection, "candidates")
    compare(connection, comparisons, "candidates", is_conflict(holds), rules)
    compare(connection, comparisons, "random_pairs", "false", ())
    random, _ = patterns(connection, comparisons, "random_pairs", ())
    how = {"random": random, "records": records, "one_in": one_in, "digits": settings.parameter_digits}
    candidates, agrees = patterns(connection, comparisons, "candidates", rules)
    found = estimate(comparisons, candidates, **how)
    # Twice: how many records a person has tells how frequent a name is among others, and that tells who is one person.
    for _ in range(2):
        values, floors = frequencies(connection, found.comparisons, records, 1.0 + 2.0 * found.matches / records)
        frequency_tables(connection, values, floors, _name_frequencies(comparisons))
        candidates, agrees = patterns(connection, comparisons, "candidates", rules, rarity=True)
        found = estimate(comparisons, candidates, **how)
    return Model(
        comparisons=found.comparisons,
        prior=found.prior,
        contradictions_hold=holds,
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
            "blocks_left_out": choice.left_out,
            "candidate_pairs": int(candidates.counts.sum()),
            "one_in": one_in,
            "random_pairs": int(random.counts.sum()),
            "expected_matches": found.matches,
        },
    )


def _random_pairs(connection: duckdb.DuckDBPyConnection, records: int, wanted: int) -> None:
    """Create `random_pairs`: every pair where there are few, else each record with some others, by hash of the key."""
    order = connection.sql("select row_id from records order by md5(record_key), record_key").fetchnumpy()["row_id"]
    if records * (records - 1) // 2 <= wanted:
        left, right = np.triu_indices(records, 1)
    else:
        steps = max(1, min(math.ceil(wanted / records), (records - 1) // 2))
        left = np.tile(np.arange(records), steps)
        right = (left + np.repeat(np.arange(1, steps + 1), records)) % records
    pairs = {
        "row_id_l": np.minimum(order[left], order[right])[:wanted],
        "row_id_r": np.maximum(order[left], order[right])[:wanted],
    }
    connection.register("random_pairs", pa.table(pairs))


def _name_frequencies(comparisons: Sequence[Comparison]) -> list[str]:
    return sorted({level.frequency for c in comparisons if c.name == "name" for level in c.levels if level.frequency})


def compare(
    connection: duckdb.DuckDBPyConnection,
    comparisons: Sequence[Comparison],
    table: str,
    conflict: str,
    rules: Sequence[Rule],
) -> None:
    """Create <table>_levels: the pairs with level g0, g1 … per comparison, impossible, and r0, r1 … per rule."""
    read = [*(c for comparison in comparisons for c in comparison.read()), *COLUMNS, *(c for r in rules for c in r)]
    values = [f"{c.level_sql()}::tinyint as g{i}" for i, c in enumerate(comparisons)]
    values += [f"{conflict} as impossible", *(f"{agree_sql(rule)} as r{i}" for i, rule in enumerate(rules))]
    connection.execute(
        f"create or replace table {table}_levels as"
        f" with both_sides as ({sides(table, tuple(dict.fromkeys(read)))})"
        f" select row_id_l, row_id_r, {', '.join(values)} from both_sides"
    )


def patterns(
    connection: duckdb.DuckDBPyConnection,
    comparisons: Sequence[Comparison],
    table: str,
    rules: Sequence[Rule],
    *,
    rarity: bool = False,
) -> tuple[Patterns, np.ndarray]:
    """Pairs of `table` counted by their levels, and which rules hold (patterns x rules), in the order of the levels.

    rarity: also by how frequent the name that agrees is, in half bits (from the tf_ tables), null where it is
    not told.
    """
    names = [f"g{i}" for i in range(len(comparisons))] + ["impossible"] + [f"r{i}" for i in range(len(rules))]
    rare, joins = "null::double", ""
    place = next((i for i, c in enumerate(comparisons) if c.name == "name"), None)
    if rarity and place is not None:
        top = len(comparisons[place].levels) - 1
        told = [(top - i, level.frequency) for i, level in enumerate(comparisons[place].levels) if level.frequency]
        columns = sorted({column for _, column in told})
        joins = " inner join records as l on l.row_id = row_id_l inner join records as r on r.row_id = row_id_r"
        joins += "".join(
            f" left join tf_{c} as {c}_{side} on {c}_{side}.{c} = {side}.{c}" for c in columns for side in ("l", "r")
        )
        cases = " ".join(f"when {at} then greatest({c}_l.tf_{c}, {c}_r.tf_{c})" for at, c in told)
        rare = f"round(2 * log2(case g{place} {cases} end)) / 2"
    counted = connection.sql(
        f"with told as (select {', '.join(names)}, {rare} as rarity from {table}_levels{joins})"
        " select *, count(*) as pairs from told group by all order by all"
    ).fetchnumpy()
    length = len(counted["pairs"])
    matrix = np.column_stack([counted[f"g{i}"] for i in range(len(comparisons))]).astype(np.int64)
    agrees = np.zeros((length, len(rules)), dtype=bool)
    for i in range(len(rules)):
        agrees[:, i] = counted[f"r{i}"]
    told_rarity = np.ma.filled(np.ma.asarray(counted["rarity"]).astype(np.float64), np.nan)
    return Patterns(
        matrix, counted["pairs"].astype(np.float64), counted["impossible"].astype(bool), told_rarity, place or 0
    ), agrees
