"""Score the pairs that share a block: a pure function of two records and the Model."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker

from ..settings import IdentitySettings
from .blocking import make_candidates, make_keys
from .conflicts import COLUMNS, is_conflict, sides
from .model import Model
from .prepare import complete, frequency_tables, load
from .rules import agree_sql

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


@contextmanager
def _quiet() -> Iterator[None]:
    """Splink explains itself at length; its errors raise, the rest is silenced while we use it."""
    logger = logging.getLogger("splink")
    before = logger.level, logger.propagate, list(logger.handlers)
    logger.handlers, logger.propagate = [logging.NullHandler()], False
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.handlers, logger.propagate = before[2], before[1]
        logger.setLevel(before[0])


def score(
    features: pa.Table, model: Model, settings: IdentitySettings | None = None, changed: pa.Array | None = None
) -> pa.Table:
    """Pairs of effective `features` from `settings.keep_probability` up, ordered by keys (PAIR_SCHEMA).

    With `changed` (record keys) only pairs with one of them; their rows are the same, byte for byte, as
    in the table of all pairs. match_rule names what spoke for the pair ('name+email') or the rule that
    settled it ('rule: national_id+name_key'); rule_rank is that rule's place, null without one.
    """
    settings = settings or IdentitySettings()
    if features.num_rows < 2 or not model.blocking or (changed is not None and not len(changed)):
        return PAIR_SCHEMA.empty_table()
    connection = duckdb.connect(":memory:", config={"threads": settings.threads})
    try:
        connection.register("features", features)
        if changed is None:
            load(connection, "features", model)
            make_keys(connection, model.blocking, model.oversized)
            make_candidates(connection, model.blocking)
        else:
            connection.register("changed_keys", pa.table({"record_key": changed.cast(pa.string())}))
            _within_reach(connection, model)
            load(connection, "within_reach", model)
            connection.execute(
                "create table changed as select row_id from records semi join changed_keys using (record_key)"
            )
            make_keys(connection, model.blocking, model.oversized)
            make_candidates(connection, model.blocking, changed="changed")
        connection.execute("drop table keys")
        with _quiet():
            scored = _predict(connection, model, settings)
        return _pairs(connection, scored, model, settings)
    finally:
        connection.close()


def _within_reach(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Create `within_reach`: the features of the changed records and of all that share a key with one of them."""
    complete(connection, "features", "all_records")
    make_keys(connection, model.blocking, model.oversized, source="all_records", key="record_key")
    connection.execute("create table own_keys as select keys.* from keys semi join changed_keys using (record_key)")
    met = " union ".join(
        f"select record_key from keys semi join own_keys using (b{i})" for i in range(len(model.blocking))
    )
    connection.execute(
        "create table within_reach as select features.* from features semi join"
        f" (select record_key from own_keys union {met}) using (record_key)"
    )
    connection.execute("drop table keys; drop table own_keys")


def _predict(connection: duckdb.DuckDBPyConnection, model: Model, settings: IdentitySettings) -> str:
    """Name of Splink's table of predictions for the table `candidates`."""
    api = DuckDBAPI(connection)
    used = {level.frequency for c in model.comparisons for level in c.levels if level.frequency}
    frequency_tables(connection, model.frequencies, model.floors, sorted(used))
    linker = Linker(api.register("records"), model.splink_settings(), log_level=None, validate_settings=False)
    for column in sorted(used):
        linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
    connection.execute(
        "create view blocked as select '0' as match_key, row_id_l as join_key_l, row_id_r as join_key_r from candidates"
    )
    linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
    return linker.inference.predict(
        threshold_match_probability=settings.keep_probability * 0.99, warning_mode="never"
    ).physical_name


def _pairs(connection: duckdb.DuckDBPyConnection, scored: str, model: Model, settings: IdentitySettings) -> pa.Table:
    read = [*COLUMNS, *(c for rule in model.rules for c in rule), *(c for one in model.comparisons for c in one.read())]
    columns = tuple(dict.fromkeys(read))
    ranks = " ".join(f"when {agree_sql(rule)} then {rank}" for rank, rule in enumerate(model.rules))
    rank = f"case {ranks} end" if ranks else "null"
    names = " ".join(f"when {i} then 'rule: {'+'.join(rule)}'" for i, rule in enumerate(model.rules))
    rule_name = f"case rule_rank {names} end" if names else "null"
    levels = " || ' ' || ".join(f"'{c.name}=' || gamma_{c.name}" for c in model.comparisons)
    # Splink keeps the levels only together with all the values it compared: for the few pairs left, say them again.
    gammas = "".join(f", {c.level_sql()} as gamma_{c.name}" for c in model.comparisons)
    agreed = " || ".join(f"case when gamma_{c.name} in ({_speaking(c.levels)}) then '+{c.name}' else '' end"
                         for c in model.comparisons)  # fmt: skip
    return (
        connection.sql(f"""
        with scored as (select row_id_l, row_id_r, match_probability, match_weight from {scored}),
        both_sides as ({sides("scored", columns)}),
        judged as (
            select row_id_l, row_id_r, {is_conflict(model.contradictions_hold)} as is_conflict, cast({rank} as integer) as rule_rank{gammas}
            from both_sides
        ),
        named as (
            select l.record_key as record_key_l, r.record_key as record_key_r,
                   round(match_probability, {settings.probability_decimals}) as match_probability,
                   round(match_weight, 4) as match_weight,
                   case when is_conflict then null else rule_rank end as rule_rank,
                   ltrim({agreed}, '+') as agreed, is_conflict, {levels} as levels
            from scored
            inner join judged using (row_id_l, row_id_r)
            inner join records as l on l.row_id = row_id_l
            inner join records as r on r.row_id = row_id_r
        )
        select record_key_l, record_key_r, match_probability, match_weight, rule_rank,
               coalesce({rule_name}, agreed) as match_rule, is_conflict, levels
        from named where match_probability >= {settings.keep_probability}
        order by record_key_l, record_key_r
    """)
        .to_arrow_table()
        .cast(PAIR_SCHEMA)
        .combine_chunks()
    )


def _speaking(levels: Sequence) -> str:
    """Numbers of the levels that are four times likelier in one person than in two."""
    top = len(levels) - 1
    numbers = [str(top - i) for i, level in enumerate(levels) if level.m > 4 * level.u]
    return ", ".join(numbers or ["-9"])
