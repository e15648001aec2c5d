"""The gate in Dagster: every rule is a blocking check of its entity; the quarantine is an asset."""

from collections.abc import Iterator

import dagster as dg

from orchestration.contracts import QUARANTINE
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.lake import Lake
from orchestration.validated import quarantine
from orchestration.validated.rules import Rule

_QUARANTINE_FILE = "quarantine/rows.parquet"


def _check_key(rule: Rule) -> tuple[dg.AssetKey, str]:
    return dg.AssetKey(["staged", rule.entity]), f"gate_{rule.name}"


def build_gate(rules: list[Rule]) -> dg.AssetChecksDefinition:
    """One step that judges all rules; a failing `block` rule stops everything downstream of the gate."""

    @dg.multi_asset_check(
        name="gate",
        specs=[
            dg.AssetCheckSpec(
                name=_check_key(rule)[1],
                asset=_check_key(rule)[0],
                description=f"{rule.reason} ({rule.severity})",
                blocking=True,
                metadata={"kind": rule.kind, "severity": rule.severity, "fails_when": rule.fails_when},
            )
            for rule in rules
        ],
        pool=WAREHOUSE_POOL,
    )
    def gate(context: dg.AssetCheckExecutionContext, lake: Lake) -> Iterator[dg.AssetCheckResult]:
        from orchestration.validated.gate import judge

        for verdict in judge(lake.data.warehouse, rules):
            asset_key, name = _check_key(verdict.rule)
            if verdict.stops_the_run:
                context.log.info(f"blocked by {verdict.rule.entity}, rule {verdict.rule.name}: {verdict.rule.reason}")
            yield dg.AssetCheckResult(
                asset_key=asset_key,
                check_name=name,
                passed=verdict.failing == 0,
                severity=dg.AssetCheckSeverity.ERROR
                if verdict.rule.severity == "block"
                else dg.AssetCheckSeverity.WARN,
                description=verdict.rule.reason if verdict.failing else None,
                metadata={"failing_rows": verdict.failing},
            )

    return gate


def build_quarantine(rules: list[Rule]) -> dg.AssetsDefinition:
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
            failing = quarantine.failing_rows(warehouse, rules)
            as_of = lake.as_of(warehouse)
        before = lake.read(_QUARANTINE_FILE, QUARANTINE)
        try:
            after = quarantine.merge(before, failing, as_of)
        except ValueError as error:
            raise dg.Failure(description=str(error), allow_retries=False) from None
        lake.write(_QUARANTINE_FILE, after, QUARANTINE)
        current = after[after["is_current"]]
        counts = current.groupby(["entity", "rule", "reason"]).size().rename("rows").reset_index()
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(current),
                "back_in_order": int((~after["is_current"]).sum()),
                "by_rule": dg.MetadataValue.md(counts.to_markdown(index=False) if len(counts) else "none"),
            }
        )

    return quarantined_rows
