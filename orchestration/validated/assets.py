"""The gate in Dagster: every rule is a check of its entity; the quarantine is an asset.

How rules are judged and rows set aside is in the modules beside this one; here is only the wiring.
"""

import os
from collections.abc import Iterator, Sequence

import dagster as dg

from orchestration.contracts import QUARANTINE
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.lake import Lake
from orchestration.validated import quarantine
from orchestration.validated.rules import Rule

_QUARANTINE_FILE = "quarantine/rows.parquet"


def _check_key(rule: Rule) -> tuple[dg.AssetKey, str]:
    return dg.AssetKey(["staged", rule.entity]), f"gate_{rule.name}"


def build_gate(rules: Sequence[Rule]) -> dg.AssetChecksDefinition:
    """One step that judges all rules; a failing `block` rule stops everything downstream of the gate."""

    @dg.multi_asset_check(
        name="gate",
        specs=[
            dg.AssetCheckSpec(
                name=_check_key(rule)[1],
                asset=_check_key(rule)[0],
                description=f"{rule.reason} ({rule.severity})",
                blocking=True,
                metadata={
                    "kind": rule.kind,
                    "severity": rule.severity,
                    "fails_when": rule.fails_when,
                    "since": rule.since.isoformat(),
                    "why": rule.why or "",
                },
            )
            for rule in rules
        ],
        pool=WAREHOUSE_POOL,
    )
    def gate(context: dg.AssetCheckExecutionContext, lake: Lake) -> Iterator[dg.AssetCheckResult]:
        from orchestration.validated.gate import GateError, judge

        try:
            verdicts = judge(lake.data.warehouse, rules)
        except GateError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        for verdict in verdicts:
            asset_key, name = _check_key(verdict.rule)
            if verdict.stops_the_run:
                context.log.info(f"blocked: {verdict.told}")
            yield dg.AssetCheckResult(
                asset_key=asset_key,
                check_name=name,
                passed=verdict.failing == 0,
                severity=dg.AssetCheckSeverity.ERROR
                if verdict.rule.severity == "block"
                else dg.AssetCheckSeverity.WARN,
                description=verdict.told if verdict.failing else None,
                metadata={"failing_rows": verdict.failing},
            )

    return gate


def build_quarantine(rules: Sequence[Rule]) -> dg.AssetsDefinition:
    """The rows set aside, with reason and dates."""
    entities = sorted({rule.entity for rule in rules})

    @dg.asset(
        key=["quarantine", "rows"],
        group_name="quarantine",
        owners=["data-engineering@example.com"],
        kinds={"greatexpectations", "parquet"},
        deps=[dg.AssetKey(["staged", entity]) for entity in entities],
        pool=WAREHOUSE_POOL,
    )
    def quarantined_rows(lake: Lake) -> dg.MaterializeResult:
        """Rows that broke a rule of the gate: entity, key, rule, reason, masked value, first and last seen."""
        with lake.warehouse() as warehouse:
            # The limit dbt's profile sets: what does not fit is spilled beside the warehouse.
            warehouse.execute("set memory_limit = ?", [os.environ.get("WAREHOUSE_MEMORY_LIMIT", "4GB")])
            as_of = lake.as_of(warehouse)
            lake.verify("quarantine")
            quarantine.find_failing(warehouse, rules)
            try:
                tallies = quarantine.merge(warehouse, lake.data.lake / _QUARANTINE_FILE, as_of)
            except ValueError as error:
                raise dg.Failure(description=str(error), allow_retries=False) from None
            lake.write_batches(_QUARANTINE_FILE, quarantine.batches(warehouse), QUARANTINE)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(tally.rows for tally in tallies),
                "new_since_last_run": sum(tally.new for tally in tallies),
                "returned_since_last_run": sum(tally.returned for tally in tallies),
                "by_rule": dg.MetadataValue.md(_as_table(tallies)),
            }
        )

    return quarantined_rows


def _as_table(tallies: Sequence[quarantine.Tally]) -> str:
    shown = [tally for tally in tallies if tally.rows or tally.returned]
    if not shown:
        return "none"
    lines = ["| entity | rule | reason | rows | new | returned | since |", "|---|---|---|--:|--:|--:|---|"]
    lines += [
        f"| {tally.entity} | {tally.rule} | {tally.reason} | {tally.rows:,} | {tally.new:,} | {tally.returned:,}"
        f" | {tally.first_seen} |"
        for tally in shown
    ]
    return "\n".join(lines)
