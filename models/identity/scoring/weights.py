"""Splink's prediction as one SQL statement, for the few pairs of a night.

Splink takes longer to set up and to write its SQL than a night's pairs take to score. Text and order of the sums are
Splink's own (`splink.internals.predict`, Fellegi and Sunter's weights in bits with its adjustment for frequencies), so
that a pair has the same weight to the last bit as in a full run, which Splink scores.
"""

from __future__ import annotations

from math import log2

import duckdb

from .comparison import Comparison, Level
from .model import Model
from .prepare import frequency_of, known_shares

# Splink takes no m or u for less than this.
_LEAST = 1e-300


def prediction_sql(model: Model, candidates: str, least: float | None, *, levels: bool = False) -> str:
    """SQL giving row_id_l, row_id_r, match_weight and match_probability of the pairs of `candidates`.

    From a probability of `least` up. Reads the table `rated` (see `make_rated`). levels: and gamma_<name>, the level of
    each comparison.
    """
    used = frequency_columns(model)
    read = [*_read(model), *(f"tf_{c}" for c in used)]
    both = ", ".join(f"l.{c} as {c}_l, r.{c} as {c}_r" for c in read)
    kept = "".join(f", tf_{c}_{side}" for c in used for side in "lr")
    gammas = "".join(f", {c.level_sql()} as gamma_{c.name}" for c in model.comparisons)
    parts = "".join(f", {sql} as {name}" for c in model.comparisons for name, sql in _parts(c).items())
    terms = " + ".join(name for c in model.comparisons for name in _parts(c))
    weight = f"(cast({_bits(model.prior)} as float8) + {terms})"
    kept_levels = "".join(f", gamma_{c.name}" for c in model.comparisons) if levels else ""
    limit = "" if not least else f" where {weight} >= {_bits(least)}"
    return f"""
        with both_sides as materialized (
            select row_id_l, row_id_r, {both} from {candidates}
            inner join rated as l on l.row_id = row_id_l inner join rated as r on r.row_id = row_id_r
        ),
        compared as materialized (select row_id_l, row_id_r{kept}{gammas} from both_sides),
        weighed as (select row_id_l, row_id_r{parts}{kept_levels} from compared)
        select row_id_l, row_id_r, {weight} as match_weight,
            case when {weight} >= 0 then 1.0 / (1.0 + power(cast(2 as float8), -{weight}))
                 else power(cast(2 as float8), {weight}) / (1.0 + power(cast(2 as float8), {weight}))
            end as match_probability{kept_levels}
        from weighed{limit}
    """


def make_rated(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Create `rated`: of the table `records` what is compared, and how frequent each value is (tf_<column>)."""
    used = frequency_columns(model)
    for column, shares in known_shares(model.frequencies, used).items():
        connection.register(f"known_{column}", shares)
    selected, joins = [f"records.{c}" for c in ("row_id", *_read(model))], []
    for column in used:
        frequency, needed = frequency_of(f"records.{column}", column, model.floors)
        selected.append(f"{frequency} as tf_{column}")
        joins += needed
    connection.execute(f"create temp table rated as select {', '.join(selected)} from records {' '.join(joins)}")


def _read(model: Model) -> list[str]:
    return list(dict.fromkeys(column for c in model.comparisons for column in c.read()))


def frequency_columns(model: Model) -> list[str]:
    """The columns whose values' own frequencies count."""
    return sorted({level.frequency for c in model.comparisons for level in c.levels if level.frequency})


def _bits(probability: float) -> float:
    return log2(probability / (1 - probability))


def _parts(comparison: Comparison) -> dict[str, str]:
    """SQL by name of the terms that a comparison adds to the weight."""
    gamma, top = f"gamma_{comparison.name}", len(comparison.levels) - 1
    numbered = [(top - at, level) for at, level in enumerate(comparison.levels)]
    weights = " ".join(f"when {number} then cast({_weight(level)} as float8)" for number, level in numbered)
    parts = {f"mw_{comparison.name}": f"case {gamma} when -1 then cast(0.0 as float8) {weights} end"}
    if any(level.frequency for level in comparison.levels):
        rare = " ".join(f"when {number} then {_rarity(level)}" for number, level in numbered if level.frequency)
        parts[f"mw_tf_adj_{comparison.name}"] = f"case {gamma} {rare} else cast(0 as float8) end"
    return parts


def _weight(level: Level) -> float:
    return log2(max(level.m, _LEAST) / max(level.u, _LEAST))


def _rarity(level: Level) -> str:
    """What a value is worth more, or less, than the level's own u says: the commoner of the two values counts."""
    if not level.sql:
        return "cast(0 as float8)"
    left, right = (f"tf_{level.frequency}_{side}" for side in "lr")
    share = f"greatest(coalesce({left}, {right}), coalesce({right}, {left}), cast(0.0 as float8))"
    return (
        f"case when coalesce({left}, {right}) is not null"
        f" then cast(1.0 as float8) * (cast({log2(level.u)} as float8) - log2({share})) else cast(0 as float8) end"
    )
