"""Rows that break a rule, set aside with the reason: which, why, and since when.

All of it happens inside DuckDB and leaves it in batches, so millions of broken rows cost no more memory than a few.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path

import duckdb
import pyarrow as pa

from orchestration.contracts import QUARANTINE
from orchestration.lake import sql_identifier, sql_literal
from orchestration.validated.masking import masked
from orchestration.validated.rules import Rule

_BATCH_ROWS = 122_880


@dataclass(frozen=True)
class Tally:
    """What is in quarantine for one rule: rows now, and what changed since the run before."""

    entity: str
    rule: str
    reason: str
    rows: int
    new: int
    returned: int
    first_seen: date


def find_failing(warehouse: duckdb.DuckDBPyConnection, rules: Sequence[Rule]) -> None:
    """Fill the temporary table `failing`: one line per row and quarantine rule it breaks.

    One scan per entity finds the rows; keys and values are read for those alone.
    """
    warehouse.execute(
        "create or replace temp table failing"
        " (entity varchar, record_key varchar, rule varchar, reason varchar, severity varchar, masked_value varchar)"
    )
    setting_aside = sorted((rule for rule in rules if rule.severity == "quarantine"), key=lambda rule: rule.entity)
    for entity, declared in groupby(setting_aside, lambda rule: rule.entity):
        _find_failing_of(warehouse, entity, list(declared))


def _find_failing_of(warehouse: duckdb.DuckDBPyConnection, entity: str, rules: Sequence[Rule]) -> None:
    table = f"staged.{sql_identifier(entity)}"
    relation = warehouse.sql(f"select * from {table} limit 0")
    types = dict(zip(relation.columns, map(str, relation.types), strict=True))
    is_view = warehouse.execute(
        "select count(*) from duckdb_views() where schema_name = 'staged' and view_name = ?", [entity]
    ).fetchone()[0]
    is_failing = " or ".join(rule.predicate for rule in rules)
    # By row id, DuckDB scans only what the rules read, and all other columns of the failing rows alone.
    where = is_failing if is_view else f"rowid in (select rowid from {table} where {is_failing})"
    fields = [f"{rule.predicate} as breaks_{number}" for number, rule in enumerate(rules)]
    fields += [sql_identifier(column) for column in sorted({rule.column for rule in rules if rule.column})]
    findings = "\nunion all\n".join(
        f"select {sql_literal(entity)}, found_key, {sql_literal(rule.name)}, {sql_literal(rule.reason)},"
        f" {sql_literal(rule.severity)}, {masked(entity, rule.column, types.get(rule.column or '', ''))}"
        f" from found_rows where breaks_{number}"
        for number, rule in enumerate(rules)
    )
    # A table, not a CTE: DuckDB would push `breaks_…` into the CTE and scan all rows for all rules once more.
    warehouse.execute(
        f"create or replace temp table found_rows as"
        f" select record_key as found_key, {', '.join(fields)} from {table} where {where}"
    )
    warehouse.execute(f"insert into failing {findings}")
    warehouse.execute("drop table found_rows")


def merge(warehouse: duckdb.DuckDBPyConnection, before: Path, as_of: date) -> list[Tally]:
    """Put the temporary tables `failing` and the quarantine as earlier runs left it together, as `quarantined`.

    first_seen is kept; rows that are fine again stay as a record, not current. Running the same night twice changes
    nothing.

    Args:
        warehouse: a connection on which `find_failing` has run.
        before: Parquet file of the quarantine; it need not be there yet.
        as_of: tonight's date.

    Returns:
        What is there by rule, ordered by entity and rule.

    Raises:
        ValueError: an earlier run spoke for a later day; history can't be written backwards.
    """
    _read_before(warehouse, before)
    (latest,) = warehouse.execute("select max(last_seen) from earlier").fetchone()
    if latest is not None and latest > as_of:
        raise ValueError(
            f"tonight's run speaks for {as_of}, but an earlier one spoke for {latest}."
            " Remedy: run for that day or a later one (--as-of), or in another data folder (PIPELINE_DATA_DIR)"
        )
    warehouse.execute(
        f"""
        create or replace temp table quarantined as
        with tonight as (  -- equal rows of a source without a key share one
            select entity, record_key, rule, min(reason) as reason, min(severity) as severity,
                min(masked_value) as masked_value
            from failing
            group by entity, record_key, rule
        )
        select
            coalesce(tonight.entity, earlier.entity) as entity,
            coalesce(tonight.record_key, earlier.record_key) as record_key,
            coalesce(tonight.rule, earlier.rule) as rule,
            coalesce(tonight.reason, earlier.reason) as reason,
            coalesce(tonight.severity, earlier.severity) as severity,
            case when tonight.entity is null then earlier.masked_value else tonight.masked_value end as masked_value,
            coalesce(earlier.first_seen, date '{as_of}') as first_seen,
            case when tonight.entity is null then earlier.last_seen else date '{as_of}' end as last_seen,
            tonight.entity is not null as is_current,
            coalesce(earlier.is_current, false) as was_current
        from tonight
        full outer join earlier
            on tonight.entity = earlier.entity
            and tonight.record_key = earlier.record_key
            and tonight.rule = earlier.rule
        """
    )
    rows = warehouse.execute(
        """
        select entity, rule, arg_max(reason, last_seen), count(*) filter (where is_current),
            count(*) filter (where is_current and not was_current),
            count(*) filter (where was_current and not is_current),
            min(first_seen)
        from quarantined group by entity, rule order by entity, rule
        """
    ).fetchall()
    return [Tally(*row) for row in rows]


def _read_before(warehouse: duckdb.DuckDBPyConnection, before: Path) -> None:
    if not before.exists():
        warehouse.register("nothing", QUARANTINE.empty_table())
        warehouse.execute("create or replace temp table earlier as select * from nothing")
        warehouse.unregister("nothing")
        return
    file = f"read_parquet({sql_literal(before)})"
    has_severity = "severity" in warehouse.sql(f"select * from {file} limit 0").columns
    severity = "severity" if has_severity else "'quarantine' as severity"
    columns = [severity if name == "severity" else name for name in QUARANTINE.names]
    warehouse.execute(f"create or replace temp view earlier as select {', '.join(columns)} from {file}")


def batches(warehouse: duckdb.DuckDBPyConnection) -> pa.RecordBatchReader:
    """The table `quarantined` of `merge` in the order of its key, batch by batch."""
    return warehouse.execute(
        f"select {', '.join(QUARANTINE.names)} from quarantined order by entity, record_key, rule"
    ).to_arrow_reader(_BATCH_ROWS)
