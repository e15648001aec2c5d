"""Score the pairs that share a block: a pure function of two records and the Model."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa

from ..database import in_pieces
from ..settings import IdentitySettings
from .blocking import make_candidates, make_keys
from .bound import drop_hopeless
from .conflicts import COLUMNS, is_conflict, sides
from .fit import load_and_fit
from .linker import on_records, quiet
from .model import Model
from .prepare import load, prepared
from .reach import block_keys, none_of, sharing
from .rules import agree_sql
from .weights import prediction_sql, rated

PAIR_SCHEMA = pa.schema(
    [
        ("record_key_l", pa.string()),
        ("record_key_r", pa.string()),
        ("match_probability", pa.float64()),
        ("match_weight", pa.float64()),
        ("rule_rank", pa.int32()),
        ("match_rule", pa.string()),
        ("is_conflict", pa.bool_()),
        ("levels", pa.string()),
    ]
)

_FEW = 8_192  # rows that a thread takes at once: a night has too few for DuckDB's own pieces
_ROWS = ("row_id_l", "row_id_r")
_EDGE = 0.99  # of the least probability: rounding must not lose a pair on the edge


def score(
    features: pa.Table, model: Model, settings: IdentitySettings | None = None, pairs: pa.Table | None = None
) -> pa.Table:
    """Pairs of effective `features` from `settings.keep_probability` up, ordered by keys (PAIR_SCHEMA).

    With `pairs` (record_key_l < record_key_r) just those, however unlikely and
    whether or not they share a block. match_rule names what spoke for the pair ('name+email') or the rule that
    settled it ('rule: national_id+name_key'); rule_rank is that rule's place, null without one.
    """
    settings = settings or IdentitySettings()
    if features.num_rows < 2 or not model.comparisons or (pairs is None and not model.blocking):
        return PAIR_SCHEMA.empty_table()
    with duckdb.connect(":memory:", config={"threads": settings.threads}) as connection:
        connection.register("features", features)
        if pairs is not None:
            _asked(connection, model, pairs)
            return score_candidates(connection, model, settings, None)
        load(connection, features, model)
        make_keys(connection, model.blocking, model.oversized)
        make_candidates(connection, model.blocking)
        return score_candidates(connection, model, settings, settings.keep_probability)


def score_again(
    features: pa.Table, model: Model, settings: IdentitySettings, left: np.ndarray, right: np.ndarray
) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """(pairs as from `score`, the rows in `features` of their records on the left, and on the right).

    Of the pairs `left`, `right` (rows of effective `features`, which are ordered by record_key) those that share a
    block; with all pairs of `meetings` just what `score` says of them, byte for byte.
    """
    if not len(left) or not model.comparisons:
        return PAIR_SCHEMA.empty_table(), left[:0], right[:0]
    with duckdb.connect(":memory:", config={"threads": settings.threads}) as connection:
        records = prepared(features, model.common_words)
        connection.register("records", in_pieces(records, _FEW))
        connection.register("rated", in_pieces(rated(records, model), _FEW))
        candidates = pa.table([left.astype(np.int32), right.astype(np.int32)], ["row_id_l", "row_id_r"])
        connection.register("candidates", in_pieces(candidates, _FEW))
        sql = prediction_sql(model, "candidates", settings.keep_probability * _EDGE, levels=True)
        connection.execute(f"create temp table scored as {sql}")
        sharing(connection, model, "scored")
        found = _pairs(connection, "scored", model, settings, settings.keep_probability, levels=True)
    return found.select(PAIR_SCHEMA.names).cast(PAIR_SCHEMA), *(found[row].to_numpy() for row in _ROWS)


def fit_and_score(
    features: pa.Table, settings: IdentitySettings, model: Model | None = None
) -> tuple[Model, pa.Table, pa.Table]:
    """(`model` or a new one as from `fit`, all pairs as from `score`, block keys of each record as from `keys_of`).

    Records are loaded and keyed once for all three.
    """
    with duckdb.connect(":memory:", config={"threads": settings.threads}) as connection:
        if model is None:
            model = load_and_fit(connection, features, settings)
        elif model.blocking:
            load(connection, features, model)
            make_keys(connection, model.blocking, model.oversized)
        if not model.blocking:
            return model, PAIR_SCHEMA.empty_table(), none_of(model)
        keys = block_keys(connection, model)
        if not model.comparisons:
            return model, PAIR_SCHEMA.empty_table(), keys
        make_candidates(connection, model.blocking)
        return model, score_candidates(connection, model, settings, settings.keep_probability), keys


def score_candidates(
    connection: duckdb.DuckDBPyConnection, model: Model, settings: IdentitySettings, least: float | None
) -> pa.Table:
    """The pairs of the table `candidates` from a probability of `least` up (PAIR_SCHEMA), ordered by keys."""
    connection.execute("drop table if exists keys")
    if least:
        drop_hopeless(connection, model, least * _EDGE)
    with quiet():
        scored = _predict(connection, model, least)
    found = _pairs(connection, scored, model, settings, least or 0.0)
    return found.select(PAIR_SCHEMA.names).cast(PAIR_SCHEMA)


def _asked(connection: duckdb.DuckDBPyConnection, model: Model, pairs: pa.Table) -> None:
    """Create `candidates` of just the pairs asked for, and `records` of theirs."""
    connection.register("asked", pairs.select(["record_key_l", "record_key_r"]))
    connection.execute(
        "create table within_reach as select features.* from features semi join"
        " (select record_key_l as record_key from asked union select record_key_r from asked) using (record_key)"
    )
    load(connection, "within_reach", model)
    connection.execute(
        "create table candidates as select distinct least(l.row_id, r.row_id) as row_id_l,"
        " greatest(l.row_id, r.row_id) as row_id_r from asked"
        " inner join records as l on l.record_key = record_key_l"
        " inner join records as r on r.record_key = record_key_r where l.row_id <> r.row_id"
    )


def _predict(connection: duckdb.DuckDBPyConnection, model: Model, least: float | None) -> str:
    """Name of Splink's table of predictions for the table `candidates`, from a probability of `least` up."""
    linker = on_records(connection, model)
    connection.execute(
        "create view blocked as select '0' as match_key, row_id_l as join_key_l, row_id_r as join_key_r from candidates"
    )
    linker.table_management.register_blocked_pairs_for_predict(linker._db_api.register("blocked"))
    threshold = None if least is None else least * _EDGE
    return linker.inference.predict(threshold_match_probability=threshold, warning_mode="never").physical_name


def _pairs(
    connection: duckdb.DuckDBPyConnection, scored: str, model: Model, settings: IdentitySettings, least: float,
    *, levels: bool = False,
) -> pa.Table:  # fmt: skip
    """PAIR_SCHEMA and the numbers of the two records. levels: `scored` has gamma_<name> of each comparison already."""
    read = [*COLUMNS, *(c for rule in model.rules for c in rule)]
    read += () if levels else (c for one in model.comparisons for c in one.read())
    columns = tuple(dict.fromkeys(read))
    ranks = " ".join(f"when {agree_sql(rule)} then {rank}" for rank, rule in enumerate(model.rules))
    rank = f"case {ranks} end" if ranks else "null"
    names = " ".join(f"when {i} then 'rule: {'+'.join(rule)}'" for i, rule in enumerate(model.rules))
    rule_name = f"case rule_rank {names} end" if names else "null"
    said = " || ' ' || ".join(f"'{c.name}=' || gamma_{c.name}" for c in model.comparisons)
    # Splink keeps the levels only together with all the values it compared: for the few pairs left, say them again.
    known = tuple(f"gamma_{c.name}" for c in model.comparisons) if levels else ()
    gammas = "".join(f", {'' if levels else c.level_sql() + ' as '}gamma_{c.name}" for c in model.comparisons)
    agreed = " || ".join(f"case when gamma_{c.name} in ({_speaking(c.levels)}) then '+{c.name}' else '' end"
                         for c in model.comparisons)  # fmt: skip
    return (
        connection.sql(f"""
        with chosen as (select row_id_l, row_id_r, match_probability, match_weight from {scored}),
        both_sides as ({sides(scored, columns, known)}),
        judged as (
            select row_id_l, row_id_r, {is_conflict(model.contradictions_hold)} as is_conflict,
                   cast({rank} as integer) as rule_rank{gammas}
            from both_sides
        ),
        named as (
            select row_id_l, row_id_r, l.record_key as record_key_l, r.record_key as record_key_r,
                   round(match_probability, {settings.probability_decimals}) as match_probability,
                   round(match_weight, 4) as match_weight,
                   case when is_conflict then null else rule_rank end as rule_rank,
                   ltrim({agreed}, '+') as agreed, is_conflict, {said} as levels
            from chosen
            inner join judged using (row_id_l, row_id_r)
            inner join records as l on l.row_id = row_id_l
            inner join records as r on r.row_id = row_id_r
        )
        select row_id_l, row_id_r, record_key_l, record_key_r, match_probability, match_weight, rule_rank,
               coalesce({rule_name}, agreed) as match_rule, is_conflict, levels
        from named where match_probability >= {least}
        order by record_key_l, record_key_r
    """)
        .to_arrow_table()
        .combine_chunks()
    )


def _speaking(levels: Sequence) -> str:
    """Numbers of the levels that are four times likelier in one person than in two."""
    top = len(levels) - 1
    numbers = [str(top - i) for i, level in enumerate(levels) if level.m > 4 * level.u]
    return ", ".join(numbers or ["-9"])
