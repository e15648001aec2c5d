"""The watch in Dagster: every entity's night is profiled, kept in the lake and judged against the nights before.

Belongs here: reading and writing the lake, checks and their metadata. What is odd is decided in `models/quality`.
"""

from collections.abc import Iterator
from datetime import date
from typing import Any

import dagster as dg
import pandas as pd

from models.quality import Finding, Watched, judge, newest, profile
from orchestration.contracts import DATA_QUALITY, PROFILES
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.lake import Lake, sql_identifier

# A check per question a person asks of an entity, not one per column: the UI stays readable.
CHECKS = {
    "watch_rows": ({"rows", "new_rows"}, "Are there as many rows, and as many new ones, as on the nights before?"),
    "watch_nulls": ({"null_rate"}, "Is every column as well filled as on the nights before?"),
    "watch_values": (
        {"share", "shape", "quantiles", "categories"},
        "Are the values of every column spread as on the nights before?",
    ),
}
_SEVERAL = {"share", "shape", "quantiles"}  # checks that measure several things of one column
_PLOTS = 3


def build_watch(watched: list[Watched]) -> dg.AssetChecksDefinition:
    """One step that profiles and judges all entities; it stops the run only at a collapse declared to do so."""

    @dg.multi_asset_check(
        name="watch",
        specs=[
            dg.AssetCheckSpec(
                name=name,
                asset=dg.AssetKey(["staged", one.entity]),
                description=description,
                blocking=True,  # all its warnings let the run go on
            )
            for one in watched
            for name, (_, description) in CHECKS.items()
        ],
        pool=WAREHOUSE_POOL,
    )
    def watch(context: dg.AssetCheckExecutionContext, lake: Lake) -> Iterator[dg.AssetCheckResult]:
        night = judge_night(lake, watched)
        if night is None:
            said = "The run speaks for no day, or for one before a night that was judged: not judged."
            yield from (_result(one.entity, name, [], said, pd.DataFrame()) for one in watched for name in CHECKS)
            return
        findings, known = night
        for one in watched:
            of_entity = [finding for finding in findings if finding.entity == one.entity]
            for name, (checks, _) in CHECKS.items():
                judged = [finding for finding in of_entity if finding.check in checks]
                said = next((finding.message for finding in of_entity if finding.status == "not_judged"), "")
                yield _result(one.entity, name, judged, said, known)
        for finding in findings:
            if finding.status == "block":
                context.log.info(f"blocked by {finding.entity}: {finding.message}")

    return watch


def judge_night(lake: Lake, watched: list[Watched]) -> tuple[list[Finding], pd.DataFrame] | None:
    """Profile and judge all entities and keep both in the lake; a night that is repeated replaces itself.

    Returns:
        Tonight's findings, and all profiles with tonight's; None when the run speaks for no day, or
        for an earlier one than what was judged before: history is not written backwards.
    """
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        history = _earlier_nights(lake, as_of, max(one.settings.nights for one in watched))
        if history is None:
            return None
        profiles: list[pd.DataFrame] = []
        findings: list[Finding] = []
        for one in watched:
            before = history[history["entity"] == one.entity]
            last = before[before["as_of"] == before["as_of"].max()]
            tonight = profile(warehouse, f"staged.{sql_identifier(one.entity)}", one, as_of, newest(last))
            profiles.append(tonight)
            findings += judge(before, tonight, one)
    together = pd.concat(profiles, ignore_index=True)
    lake.write(f"profiles/{as_of}.parquet", together, PROFILES)
    lake.write(f"quality/{as_of}.parquet", _as_table(findings, as_of), DATA_QUALITY)
    return findings, pd.concat([history, together], ignore_index=True) if len(history) else together


def build_findings(watched: list[Watched]) -> dg.AssetsDefinition:
    """What the watch said, as a table for the marts."""

    @dg.asset(
        key=["quality", "findings"],
        group_name="quality",
        owners=["data-engineering@example.com"],
        kinds={"python", "parquet"},
        deps=[dg.AssetKey(["staged", one.entity]) for one in watched],
        pool=WAREHOUSE_POOL,
    )
    def findings(lake: Lake) -> dg.MaterializeResult:
        """Every table-level judgement of the night: what was found, what the nights before let expect."""
        with lake.warehouse() as warehouse:
            tonight = lake.read(f"quality/{lake.as_of(warehouse)}.parquet", DATA_QUALITY)
        odd = tonight[tonight["status"].isin(["warn", "block"])]
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": len(tonight),
                **{status: int(count) for status, count in tonight["status"].value_counts().items()},
                "odd": dg.MetadataValue.md(_table(odd) if len(odd) else "none"),
            }
        )

    return findings


def _earlier_nights(lake: Lake, as_of: date | None, most: int) -> pd.DataFrame | None:
    nights = sorted(date.fromisoformat(path.stem) for path in (lake.data.lake / "profiles").glob("[0-9]*.parquet"))
    if as_of is None or (nights and nights[-1] > as_of):
        return None
    earlier = [night for night in nights if night < as_of][-most:]
    frames = [lake.read(f"profiles/{night}.parquet", PROFILES) for night in earlier]
    return pd.concat(frames, ignore_index=True) if frames else PROFILES.empty_table().to_pandas()


def _as_table(findings: list[Finding], as_of: date) -> pd.DataFrame:
    frame = pd.DataFrame(
        [
            {
                "entity": finding.entity,
                "check_name": f"{finding.check}: {finding.metric}" if finding.check in _SEVERAL else finding.check,
                "column_name": finding.column,
                "rows_of": finding.rows_of,
                "value": finding.value,
                "expected_low": finding.expected_low,
                "expected_high": finding.expected_high,
                "status": finding.status,
                "message": finding.message,
            }
            for finding in findings
        ]
    )
    frame.insert(0, "as_of", as_of)
    order = ["entity", "check_name", "column_name", "rows_of"]
    return frame.sort_values(order, ignore_index=True)


def _result(entity: str, name: str, judged: list[Finding], said: str, known: pd.DataFrame) -> dg.AssetCheckResult:
    odd = [finding for finding in judged if finding.status in ("warn", "block")]
    metadata: dict[str, Any] = {"judged": sum(finding.status != "not_judged" for finding in judged)}
    if odd:
        metadata["odd"] = dg.MetadataValue.md(_table(_as_table(odd, date.min)))
        for finding in odd[:_PLOTS]:
            metadata[f"nights {finding.column or finding.check} {finding.metric}".strip()] = _plot(finding, known)
    stops = any(finding.status == "block" for finding in odd)
    more = f" (and {len(odd) - 1} more)" if len(odd) > 1 else ""
    return dg.AssetCheckResult(
        asset_key=dg.AssetKey(["staged", entity]),
        check_name=name,
        passed=not odd,
        severity=dg.AssetCheckSeverity.ERROR if stops else dg.AssetCheckSeverity.WARN,
        description=odd[0].message + more if odd else said or None,
        metadata=metadata,
    )


def _table(findings: pd.DataFrame) -> str:
    shown = findings[["entity", "check_name", "column_name", "value", "expected_low", "expected_high"]]
    return shown.to_markdown(index=False, floatfmt=".4g")


def _plot(finding: Finding, known: pd.DataFrame) -> dg.MarkdownMetadataValue:
    from orchestration.intelligence.plots import nights

    metric = finding.metric
    lines = known[
        (known["entity"] == finding.entity)
        & (known["column_name"] == finding.column)
        & (known["metric"] == metric)
        & (known["rows_of"] == finding.rows_of)
    ]
    usual = (finding.expected_low, finding.expected_high) if metric != "share" else (None, None)
    return nights(lines, f"{finding.entity} {finding.column}".strip(), metric, usual)
