"""Great Expectations over the staged entities, inside DuckDB: one suite per entity, one expectation per rule.

An entity is scanned once, however many rules it has. What is done about a failing rule is not decided here.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

from orchestration.redact import without_values
from orchestration.validated.rules import Rule


@dataclass(frozen=True)
class Verdict:
    """What one rule found: failing rows, or 1 for a failing table."""

    rule: Rule
    failing: int

    @property
    def stops_the_run(self) -> bool:
        return self.failing > 0 and self.rule.severity == "block"

    @property
    def told(self) -> str:
        """What failed in one line, with what to do where the run stops."""
        rule = self.rule
        found = f"staged.{rule.entity}, rule {rule.name}: {rule.reason}"
        if rule.kind == "row":
            found += f" ({self.failing:,} row{'s' if self.failing != 1 else ''})"
        if not self.stops_the_run:
            return found
        return (
            f"{found} Nothing was published; yesterday's tables stand. Remedy: look at what tonight's sources of"
            f" {rule.entity} delivered and run again, or change the rule in staged_{rule.entity}.yml and run"
            " `make replay`"
        )


class GateError(Exception):
    """A rule could not be judged at all, for instance because its column is gone."""


def judge(warehouse: Path, rules: Sequence[Rule]) -> list[Verdict]:
    """Judge every rule on the warehouse's staged entities, in the order given.

    Raises:
        GateError: a rule's SQL does not run; names the entity and the rule.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    source = context.data_sources.add_sql(
        "warehouse",
        connection_string=f"duckdb:///{warehouse}",
        create_temp_table=False,
        kwargs={"connect_args": {"read_only": True}},
    )
    found: dict[Rule, int] = {}
    with _rows_buffered():
        try:
            for entity, declared in groupby(sorted(rules, key=lambda rule: rule.entity), lambda rule: rule.entity):
                found |= _judge_entity(source, entity, list(declared))
        finally:
            source.get_engine().dispose()
    return [Verdict(rule, found[rule]) for rule in rules]


def _judge_entity(source: Any, entity: str, rules: Sequence[Rule]) -> dict[Rule, int]:
    asset = source.add_table_asset(name=entity, table_name=entity, schema_name="staged")
    batch = asset.add_batch_definition_whole_table("all").get_batch()
    try:
        results = batch.validate(suite(entity, rules), result_format="BASIC").results
        if any(result.exception_info.get("raised_exception", True) for result in results):
            # One rule that does not run spoils the query of all: ask one by one to know which.
            for rule in rules:
                [result] = batch.validate(suite(entity, [rule]), result_format="BASIC").results
                _failing(rule, result)
    finally:
        batch.data.execution_engine.close()
    by_name = {result.expectation_config.meta["rule"]: result for result in results}
    return {rule: _failing(rule, by_name[rule.name]) for rule in rules}


def suite(entity: str, rules: Sequence[Rule]) -> Any:
    """The Great Expectations suite of one entity: an expectation for each of its rules."""
    import great_expectations as gx

    from orchestration.validated.expectation import ExpectRuleToHold

    severities = {"block": "critical", "quarantine": "warning", "warn": "info"}
    return gx.ExpectationSuite(
        name=entity,
        expectations=[
            ExpectRuleToHold(
                kind=rule.kind,
                fails_when=rule.predicate,
                description=rule.reason,
                severity=severities[rule.severity],
                meta={"rule": rule.name, "since": rule.since.isoformat(), "why": rule.why},
            )
            for rule in rules
        ],
    )


def _failing(rule: Rule, result: Any) -> int:
    observed = result.result.get("observed_value")
    if observed is None:
        messages = [
            problem.get("exception_message", "")
            for problem in result.exception_info.values()
            if isinstance(problem, dict)
        ]
        reason = _no_such_column(rule, (messages or [""])[0]) or without_values((messages or ["no result"])[0])
        raise GateError(
            f"{rule.entity}, rule {rule.name}: can't be judged: {reason}. Remedy: correct fails_when in"
            f" staged_{rule.entity}.yml and run `make replay`"
        )
    return int(observed)


@contextmanager
def _rows_buffered() -> Iterator[None]:
    """Keep what a query returned: GX closes its connection before it reads, and DuckDB then drops the rows."""
    import sqlalchemy
    from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

    def buffer(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if cursor.description is not None:
            context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                cursor,
                initial_buffer=cursor.fetchall(),  # aggregates and catalogue entries, never rows of a table
            )

    sqlalchemy.event.listen(sqlalchemy.Engine, "after_cursor_execute", buffer)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "after_cursor_execute", buffer)


def _no_such_column(rule: Rule, message: str) -> str | None:
    """The column that a rule names and the entity lacks; only words of the rule and names of columns are repeated."""
    missing = re.search(r'column "(\w+)" not found', message)
    if missing is None or not re.search(rf"\b{missing[1]}\b", rule.predicate):
        return None
    likely = re.search(r'Candidate bindings: "(\w+)"', message)
    return f"there is no column {missing[1]}{f' (did you mean {likely[1]}?)' if likely else ''}"
