"""Rows that break a rule, set aside with the reason: which, why, and since when."""

from __future__ import annotations

from datetime import date

import duckdb
import pandas as pd

from orchestration.lake import sql_identifier, sql_literal
from orchestration.validated.rules import Rule

_SHOWN_CHARACTERS = 60


def failing_rows(warehouse: duckdb.DuckDBPyConnection, rules: list[Rule]) -> pd.DataFrame:
    """One row per row and quarantine rule it breaks: entity, record_key, rule, reason, masked_value.

    Text is masked to its shape (letters to x, digits to 9), so that a person sees what is odd about a value
    without seeing the value.
    """
    queries = [_query(warehouse, rule) for rule in rules if rule.severity == "quarantine"]
    if not queries:
        return pd.DataFrame(columns=["entity", "record_key", "rule", "reason", "masked_value"])
    return warehouse.sql(" union all ".join(queries) + " order by entity, record_key, rule").df()


def _query(warehouse: duckdb.DuckDBPyConnection, rule: Rule) -> str:
    return f"""
        select
            {sql_literal(rule.entity)} as entity,
            record_key,
            {sql_literal(rule.name)} as rule,
            {sql_literal(rule.reason)} as reason,
            {_masked(warehouse, rule)} as masked_value
        from staged.{sql_identifier(rule.entity)}
        where {rule.predicate}
    """


def _masked(warehouse: duckdb.DuckDBPyConnection, rule: Rule) -> str:
    if rule.column is None:
        return "cast(null as varchar)"
    column = sql_identifier(rule.column)
    kind = warehouse.sql(f"select {column} from staged.{sql_identifier(rule.entity)} limit 0").types[0]
    text = f"left(cast({column} as varchar), {_SHOWN_CHARACTERS})"
    if str(kind) == "VARCHAR" or rule.entity == "customer_records":
        return f"regexp_replace(regexp_replace({text}, '\\p{{L}}', 'x', 'g'), '\\p{{N}}', '9', 'g')"
    return text


def merge(before: pd.DataFrame, failing: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """The quarantine after tonight: first_seen is kept, rows that are fine again stay as a record, not current.

    Args:
        before: the quarantine as earlier nights left it.
        failing: tonight's result of `failing_rows`.
        as_of: tonight's date; running the same night twice changes nothing.

    Raises:
        ValueError: an earlier run spoke for a later day; history can't be written backwards.
    """
    if len(before) and before["last_seen"].max() > as_of:
        raise ValueError(
            f"tonight's run speaks for {as_of}, but an earlier one spoke for {before['last_seen'].max()}."
            " Remedy: run for that day or a later one (--as-of), or in another data folder (PIPELINE_DATA_DIR)"
        )
    key = ["entity", "record_key", "rule"]
    failing = failing.drop_duplicates(key)  # equal rows of a source without a key share one
    tonight = failing.merge(before[[*key, "first_seen"]], on=key, how="left")
    tonight["first_seen"] = tonight["first_seen"].where(tonight["first_seen"].notna(), as_of)
    tonight["last_seen"] = as_of
    tonight["is_current"] = True
    mended = before.merge(failing[key], on=key, how="left", indicator=True)
    mended = mended[mended["_merge"] == "left_only"].drop(columns="_merge").assign(is_current=False)
    both = [part for part in (tonight, mended[tonight.columns]) if len(part)]
    merged = pd.concat(both, ignore_index=True) if both else tonight
    return merged.sort_values(key, ignore_index=True)
