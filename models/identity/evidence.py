"""The evidence of one pair, comparison by comparison, as Splink scores it with the model's own settings.

Any two records can be asked about, whether or not they ever shared a block. Values are shown as shapes
unless somebody asks for them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from splink import DuckDBAPI, Linker

from .scoring.blocking import make_keys
from .scoring.conflicts import BIRTH_CONFLICT, COLUMNS, GIVEN_CONFLICT, is_conflict, sides
from .scoring.linker import quiet
from .scoring.model import Model
from .scoring.prepare import frequency_tables, load
from .scoring.rules import agree_sql

# Columns that only restate what other columns of the same comparison say.
_DERIVED = {"given_root", "given_roots", "name_key", "mailbox", "email_digits", "address"}
_SHOWN_CHARACTERS = 60
_LETTER = r"[^\W\d_]"
_MIXED = re.compile(rf"{_LETTER}+\d\w*|\d+{_LETTER}\w*")
TABLE = ["comparison", "level", "m", "u", "match_weight", "rarity_weight", "left", "right"]


@dataclass(frozen=True)
class Evidence:
    """What speaks for and against one pair.

    table: one row per comparison (comparison, level in words, m, u, match_weight and rarity_weight in bits, left and
    right: the values). prior_weight: bits before any evidence. rule: columns of the deterministic rule that holds.
    blocks: rules by which the two were brought together, none if they never met. contradictions: in words, what can't
    be true of one person. chart: Splink's waterfall chart.
    """

    probability: float
    weight: float
    prior_weight: float
    table: pd.DataFrame
    rule: tuple[str, ...] | None
    blocks: tuple[str, ...]
    contradictions: tuple[str, ...]
    chart: Any


def shape(text: str) -> str:
    """A value's shape: letters x, digits 9, what mixes both *****; no value can be read from it."""
    short = _MIXED.sub("*****", text[: 4 * _SHOWN_CHARACTERS])
    return re.sub(r"\d", "9", re.sub(_LETTER, "x", short))[:_SHOWN_CHARACTERS]


def evidence(
    effective: pa.Table, model: Model, left: str, right: str, *, show_values: bool = False, decimals: int = 6
) -> Evidence:
    """The evidence of the pair `left`, `right` (record keys of `effective`); sides stay as they are asked for.

    Raises:
        KeyError: one of them is no record. ValueError: they are one record, or there is no model to score with.
    """
    if left == right:
        raise ValueError("a record cannot be compared with itself")
    two = effective.filter(pc.is_in(effective["record_key"], value_set=pa.array([left, right])))
    known = set(two["record_key"].to_pylist())
    for key in (left, right):
        if key not in known:
            raise KeyError(key)
    if not model.comparisons:
        raise ValueError("the model compares nothing: it was fitted on fewer than two records")
    with duckdb.connect(":memory:", config={"threads": 1}) as connection:
        connection.register("features", two)
        load(connection, "features", model)
        connection.execute(
            "create view asked as select"
            f" (select row_id from records where record_key = {_text(left)}) as row_id_l,"
            f" (select row_id from records where record_key = {_text(right)}) as row_id_r"
        )
        row, chart = _splink(connection, model)
        rule, contradictions = _judged(connection, model)
        make_keys(connection, model.blocking, model.oversized)
        blocks = tuple(
            name
            for at, name in enumerate(model.blocking)
            if connection.sql(f"select count(b{at}) = 2 and count(distinct b{at}) = 1 from keys").fetchone()[0]
        )
        values = connection.sql("select records.* from asked join records on row_id in (row_id_l, row_id_r)").df()
    sided = [values[values["record_key"] == key].iloc[0] for key in (left, right)]
    table = _table(model, row, sided, show_values)
    shown = table.set_index("comparison")[["left", "right"]].to_dict("index")
    for entry in chart.raw_records:
        if not entry["term_frequency_adjustment"] and entry["column_name"] in shown:
            entry["value_l"], entry["value_r"] = (shown[entry["column_name"]][side] for side in ("left", "right"))
    prior = next(entry["log2_bayes_factor"] for entry in chart.raw_records if entry["column_name"] == "Prior")
    return Evidence(
        round(row["match_probability"], decimals),
        round(row["match_weight"], 4),
        round(prior, 4),
        table,
        rule,
        blocks,
        contradictions,
        chart,
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _splink(connection: duckdb.DuckDBPyConnection, model: Model) -> tuple[dict[str, Any], Any]:
    """Splink's row of the pair, and its waterfall chart without any value."""
    used = sorted({level.frequency for one in model.comparisons for level in one.levels if level.frequency})
    frequency_tables(connection, model.frequencies, model.floors, used)
    api = DuckDBAPI(connection)
    told = {"retain_matching_columns": True, "retain_intermediate_calculation_columns": True}
    connection.execute(
        "create view blocked as select '0' as match_key, row_id_l as join_key_l, row_id_r as join_key_r from asked"
    )
    with quiet():
        linker = Linker(
            api.register("records"), model.splink_settings() | told, log_level=None, validate_settings=False
        )
        for column in used:
            linker.table_management.register_term_frequency_lookup(api.register(f"tf_{column}"), column)
        linker.table_management.register_blocked_pairs_for_predict(api.register("blocked"))
        rows = linker.inference.predict(warning_mode="never").as_record_list()
        chart = linker.visualisations.waterfall_chart(rows, remove_sensitive_data=True)
    return rows[0], chart


def _judged(connection: duckdb.DuckDBPyConnection, model: Model) -> tuple[tuple[str, ...] | None, tuple[str, ...]]:
    """(the strongest deterministic rule that holds, what contradicts one person)."""
    every = tuple(dict.fromkeys((*COLUMNS, *(column for rule in model.rules for column in rule))))
    told = [is_conflict(model.contradictions_hold), GIVEN_CONFLICT, BIRTH_CONFLICT, *map(agree_sql, model.rules)]
    judged = connection.sql(
        f"with both_sides as ({sides('asked', every)}) select {', '.join(told)} from both_sides"
    ).fetchone()
    if judged[0]:
        words = (("given names that are two people's", judged[1]), ("birth dates a generation apart", judged[2]))
        return None, tuple(word for word, holds in words if holds)
    return next((rule for rule, holds in zip(model.rules, judged[3:], strict=True) if holds), None), ()


def _table(model: Model, row: Mapping[str, Any], sided: list[pd.Series], show_values: bool) -> pd.DataFrame:
    lines = []
    for comparison in model.comparisons:
        number = row[f"gamma_{comparison.name}"]
        level = None if number < 0 else comparison.levels[len(comparison.levels) - 1 - number]
        values = [_values(side, comparison.columns, show_values) for side in sided]
        lines.append(
            (
                comparison.name,
                "unknown" if level is None else level.label,
                None if level is None else level.m,
                None if level is None else level.u,
                round(row[f"mw_{comparison.name}"], 2),
                round(row.get(f"mw_tf_adj_{comparison.name}") or 0.0, 2),
                *values,
            )
        )
    return pd.DataFrame(lines, columns=TABLE)


def _values(record: pd.Series, columns: tuple[str, ...], show_values: bool) -> str:
    parts = [record[column] for column in columns if column not in _DERIVED and column in record]
    text = ", ".join(str(part) for part in parts if isinstance(part, str) and part)
    return text if show_values else shape(text)
