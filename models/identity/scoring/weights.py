"""Splink's prediction as one SQL statement, for the few pairs of a night.

Splink takes longer to set up and to write its SQL than a night's pairs take to score. Text and order of the sums are
Splink's own (`splink.internals.predict`, Fellegi and Sunter's weights in bits with its adjustment for frequencies), so
that a pair has the same weight to the last bit as in a full run, which Splink scores.
"""

from __future__ import annotations

from math import log2

import pyarrow as pa
import pyarrow.compute as pc

from ..threads import in_threads
from .comparison import Comparison, Level
from .model import Model

# Splink takes no m or u for less than this.
_LEAST = 1e-300


def prediction_sql(model: Model, candidates: str, least: float | None, *, levels: bool = False) -> str:
    """SQL giving row_id_l, row_id_r, match_weight and match_probability of the pairs of `candidates`.

    From a probability of `least` up. Reads the table `rated` (see `rated`). levels: and gamma_<name>, the level of
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


def rated(records: pa.Table, model: Model) -> pa.Table:
    """What is compared of `records` (see `prepare.prepared`), and how frequent each value is (tf_<column>).

    The frequencies are those of `prepare.frequency_tables`, looked up without a database.
    """
    used = frequency_columns(model)
    known = _known(model.frequencies)

    def frequency(column: str) -> pa.Array:
        values = records[column].combine_chunks()
        found = _frequencies(values, known.get(column))
        if column == "name_key":
            found = pc.max_element_wise(found, *_readings(values, known, model.floors), model.floors[column])
        elif column in model.floors:
            found = pc.fill_null(found, model.floors[column])
        return pc.if_else(values.is_valid(), found, pa.scalar(None, pa.float64()))

    columns = {name: records[name] for name in ("row_id", *_read(model))}
    return pa.table(columns | dict(zip((f"tf_{c}" for c in used), in_threads(frequency, used), strict=True)))


def _known(frequencies: pa.Table) -> dict[str, pa.Table]:
    """The model's frequencies by column, whose rows follow each other."""
    runs = pc.run_end_encode(frequencies["column"].combine_chunks())
    ends = runs.run_ends.to_pylist()
    starts = [0, *ends][:-1]
    return {
        name: frequencies.slice(start, end - start)
        for name, start, end in zip(runs.values.to_pylist(), starts, ends, strict=True)
    }


def _frequencies(values: pa.Array, known: pa.Table | None) -> pa.Array:
    """Of each value its frequency; null where it is not known."""
    if known is None:
        return pa.nulls(len(values), pa.float64())
    at = pc.index_in(values, value_set=known["value"].combine_chunks(), skip_nulls=True)
    return known["frequency"].combine_chunks().take(at)


def _readings(names: pa.Array, known: dict[str, pa.Table], floors: dict[str, float]) -> list[pa.Array]:
    """A full name is as frequent as its two parts make it, by either reading of which is the given name."""
    parts = pc.split_pattern(pc.binary_join_element_wise(names, "", "", " "), " ")  # so that two are always there
    one, two = (pc.list_element(parts, at) for at in (0, 1))
    given, family = (
        [pc.fill_null(_frequencies(part, known.get(column)), floors[column]) for part in (one, two)]
        for column in ("given_root", "family")
    )
    return [pc.multiply(given[0], family[1]), pc.multiply(given[1], family[0])]


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
