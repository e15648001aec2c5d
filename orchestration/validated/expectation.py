"""A rule as a Great Expectations expectation whose count is an aggregate: all rules of a table are one scan.

Importing this module imports Great Expectations, which takes seconds: only `gate.judge` does so.
"""

from __future__ import annotations

from typing import Any, ClassVar, Literal

import sqlalchemy
from great_expectations.core.metric_domain_types import MetricDomainTypes
from great_expectations.core.metric_function_types import MetricPartialFunctionTypes
from great_expectations.execution_engine import ExecutionEngine, SparkDFExecutionEngine, SqlAlchemyExecutionEngine
from great_expectations.expectations.expectation import BatchExpectation
from great_expectations.expectations.metrics.metric_provider import metric_partial
from great_expectations.expectations.metrics.table_metric_provider import TableMetricProvider

_METRIC = "rule.failing"


class FailingCount(TableMetricProvider):
    """Failing rows of a row rule; 1 or 0 for a table rule.

    Great Expectations puts all aggregates of one table into one query (`resolve_metric_bundle`).
    """

    metric_name = _METRIC
    value_keys = ("kind", "fails_when")

    @metric_partial(
        engine=SqlAlchemyExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _sqlalchemy(
        cls,
        execution_engine: ExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        # literal_column, not text: a colon in a predicate is no parameter
        return sqlalchemy.literal_column(aggregate_of(**metric_value_kwargs)), metric_domain_kwargs, {}

    @metric_partial(
        engine=SparkDFExecutionEngine,
        partial_fn_type=MetricPartialFunctionTypes.AGGREGATE_FN,
        domain_type=MetricDomainTypes.TABLE,
    )
    def _spark(
        cls,
        execution_engine: ExecutionEngine,
        metric_domain_kwargs: dict[str, Any],
        metric_value_kwargs: dict[str, Any],
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any],
    ) -> tuple[Any, dict[str, Any], dict[str, Any]]:
        from pyspark.sql.functions import expr

        return expr(aggregate_of(**metric_value_kwargs)), metric_domain_kwargs, {}


class ExpectRuleToHold(BatchExpectation):
    """Expect no row (or not the table) to break a rule of the entity."""

    kind: Literal["row", "table"]
    fails_when: str

    metric_dependencies: ClassVar[tuple[str, ...]] = (_METRIC,)
    success_keys: ClassVar[tuple[str, ...]] = ("kind", "fails_when")

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: ExecutionEngine | None = None,
    ) -> dict[str, Any]:
        failing = int(metrics[_METRIC])
        return {"success": failing == 0, "result": {"observed_value": failing}}


def aggregate_of(kind: str, fails_when: str) -> str:
    """The SQL aggregate that counts what fails; the same on DuckDB and on Spark."""
    if kind == "row":
        return f"count(*) filter (where {fails_when})"
    return f"case when {fails_when} then 1 else 0 end"
