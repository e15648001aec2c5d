"""Great Expectations over the staged entities, inside DuckDB: one suite per entity, one expectation per rule."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.redact import without_values
from orchestration.validated.rules import Rule

_ROWS_LOOKED_AT = 1_000  # the count is exact whatever this is; the keys are read again by the quarantine


@dataclass(frozen=True)
class Verdict:
    """What one rule found: failing rows, or 1 for a failing table."""

    rule: Rule
    failing: int

    @property
    def stops_the_run(self) -> bool:
        return self.failing > 0 and self.rule.severity == "block"


class GateError(Exception):
    """A rule could not be judged at all, for instance because its column is gone."""


def judge(warehouse: Path, rules: list[Rule]) -> list[Verdict]:
    """Judge every rule on the warehouse's staged entities.

    Raises:
        GateError: a rule's SQL does not run; names the entity and the rule.
    """
    os.environ.setdefault("GX_ANALYTICS_ENABLED", "false")
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig

    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = ProgressBarsConfig(globally=False)
    by_entity: dict[str, list[Rule]] = {}
    for rule in rules:
        by_entity.setdefault(rule.entity, []).append(rule)
    verdicts: list[Verdict] = []
    with _rows_buffered():
        source = context.data_sources.add_sql(
            "warehouse",
            connection_string=f"duckdb:///{warehouse}",
            create_temp_table=False,
            kwargs={"connect_args": {"read_only": True}},
        )
        try:
            for entity, declared in by_entity.items():
                asset = source.add_table_asset(name=entity, table_name=entity, schema_name="staged")
                batch = asset.add_batch_definition_whole_table("all").get_batch()
                results = batch.validate(_suite(gx, entity, declared), result_format="BASIC").results
                found = {result.expectation_config.meta["rule"]: result for result in results}
                verdicts += [Verdict(rule, _failing(rule, found[rule.name])) for rule in declared]
                batch.data.execution_engine.close()
        finally:
            source.get_engine().dispose()
    return verdicts


def _suite(gx: Any, entity: str, rules: list[Rule]) -> Any:
    return gx.ExpectationSuite(
        name=entity,
        expectations=[
            gx.expectations.UnexpectedRowsExpectation(
                unexpected_rows_query=rule.failing_rows_query,
                description=rule.reason,
                severity="critical" if rule.severity == "block" else "warning",
                meta={"rule": rule.name},
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
        reason = without_values((messages or ["no result"])[0].splitlines()[0])
        raise GateError(f"{rule.entity}, rule {rule.name}: can't be judged ({reason})")
    return int(observed)


@contextmanager
def _rows_buffered() -> Iterator[None]:
    """Keep what a query returned: GX closes its connection before it reads, and DuckDB then drops the rows."""
    import sqlalchemy
    from sqlalchemy.engine.cursor import FullyBufferedCursorFetchStrategy

    def buffer(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        if cursor.description is not None:
            context.cursor_fetch_strategy = FullyBufferedCursorFetchStrategy(
                cursor, initial_buffer=cursor.fetchmany(_ROWS_LOOKED_AT)
            )

    sqlalchemy.event.listen(sqlalchemy.Engine, "after_cursor_execute", buffer)
    try:
        yield
    finally:
        sqlalchemy.event.remove(sqlalchemy.Engine, "after_cursor_execute", buffer)
