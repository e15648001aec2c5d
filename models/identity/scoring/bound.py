"""Pairs that cannot reach a probability, told before Splink scores the rest: most pairs of a block are such.

Match weights add up, so that a pair has at most the sum of what each comparison can give it. A value whose frequency
counts is taken for the rarest there is, which is worth the most.
"""

from __future__ import annotations

import math
from dataclasses import replace

import duckdb
import pyarrow.compute as pc

from .comparison import Comparison, Level
from .conflicts import sides
from .model import Model

_SLACK = 1e-3  # bits; more than rounding makes of a sum of weights


def drop_hopeless(connection: duckdb.DuckDBPyConnection, model: Model, least: float) -> None:
    """Take from the table `candidates` pairs whose match probability is below `least`; all others stay.

    The comparison with the most levels takes the most time: only pairs that it could save are compared by it.
    """
    last = max(model.comparisons, key=lambda one: len(one.levels))
    others = [one for one in model.comparisons if one is not last]
    needed = _bits(least) - _bits(model.prior) - _SLACK
    first = replace(last, levels=last.levels[:1])
    read = tuple(dict.fromkeys(column for one in (*others, first) for column in one.read()))
    weight = " + ".join(_weight(one, model) for one in others) or "0.0"
    connection.execute(
        f"create table hopeful as with both_sides as ({sides('candidates', read)})"
        f" select row_id_l, row_id_r, {weight} as others, {_at_best(last, model)} as at_best from both_sides"
    )
    compared = f"(select * from hopeful where others + at_best >= {needed})"
    connection.execute(
        "create or replace table candidates as"
        f" with both_sides as ({sides(compared, last.read(), ('others',))})"
        f" select row_id_l, row_id_r from both_sides where others + {_weight(last, model)} >= {needed}"
    )
    connection.execute("drop table hopeful")


def _bits(probability: float) -> float:
    """A probability as the logarithm of its odds."""
    return math.log2(probability / (1.0 - probability))


def most_bits(level: Level, model: Model) -> float:
    """The most that a level is worth: with the lowest frequency that the model gives a value."""
    u = level.u
    if level.frequency:
        known = model.frequencies.filter(pc.equal(model.frequencies["column"], level.frequency))["frequency"]
        lowest = pc.min(known).as_py()
        u = min([u, model.floors.get(level.frequency, u), *([] if lowest is None else [lowest])])
    return math.log2(level.m / u)


def _weight(comparison: Comparison, model: Model) -> str:
    """SQL: bits of the level that holds, at most; none where the comparison says nothing."""
    # Not by the level's number: such a case would work the number out again for each of them.
    cases = " ".join(f"when {one.sql or 'true'} then {most_bits(one, model)}" for one in comparison.levels)
    return f"(case when {comparison.unknown} then 0.0 {cases} end)::double"


def _at_best(comparison: Comparison, model: Model) -> str:
    """SQL: bits of a comparison of which nothing but the first level is looked at."""
    first, *rest = (most_bits(level, model) for level in comparison.levels)
    return (
        f"(case when {comparison.levels[0].sql or 'true'} then {max(0.0, first)} else {max([0.0, *rest])} end)::double"
    )
