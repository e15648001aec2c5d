"""The record of this run as an asset, written before the marts so that they can show it."""

from datetime import UTC, datetime

import dagster as dg
import pandas as pd

from orchestration.contracts import PIPELINE_RUNS
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence.night import ANSWERS
from orchestration.lake import Lake, sql_identifier
from orchestration.serving.kept import Kept
from orchestration.serving.put_back import statuses

_OWNER = "data-engineering@example.com"


def build_run_record(entities: list[str]) -> dg.AssetsDefinition:
    """What this run pulled, kept, set aside and found, written before the marts so that they can show it."""

    @dg.asset(
        key=["pipeline_runs", "runs"],
        group_name="marts",
        owners=[_OWNER],
        kinds={"python", "parquet"},
        deps=[
            *(dg.AssetKey(["validated", entity]) for entity in entities),
            dg.AssetKey(["quarantine", "rows"]),
            dg.AssetKey(["identity", "assignments"]),
            *ANSWERS,
        ],
        pool=WAREHOUSE_POOL,
    )
    def run_record(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
        """One row per nightly run: rows pulled, staged, validated, quarantined, and customers found."""
        with lake.warehouse() as warehouse:
            as_of = lake.as_of(warehouse)
            counts = {
                schema: sum(
                    warehouse.sql(f"select count(*) from {schema}.{sql_identifier(entity)}").fetchone()[0]
                    for entity in entities
                )
                for schema in ("staged", "validated")
            }
            customers = warehouse.sql("select count(distinct customer_id) from identity.assignments").fetchone()[0]
        started = context.instance.get_run_record_by_id(context.run_id)
        record = {
            "run_id": context.run_id,
            "as_of": as_of,
            "started_at": datetime.fromtimestamp(started.start_time, UTC).replace(tzinfo=None),
            "status": "published",
            "rows_pulled": _rows_pulled(context),
            "rows_staged": counts["staged"],
            "rows_validated": counts["validated"],
            "rows_quarantined": counts["staged"] - counts["validated"],
            "customers": customers,
        }
        mark_earlier_runs(context, lake)
        lake.write(f"pipeline_runs/{context.run_id}.parquet", pd.DataFrame([record]), PIPELINE_RUNS)
        return dg.MaterializeResult(metadata={key: str(value) for key, value in record.items()})

    return run_record


def mark_earlier_runs(context: dg.AssetExecutionContext, lake: Lake) -> None:
    """A run that wrote its record and never published after it, or was rolled back, says so from now on."""
    for left_over in (lake.data.lake / "pipeline_runs").glob(".*.unfinished"):  # of a killed run: no other has its name
        left_over.unlink()
    kept = Kept.of(lake.data)
    kept.settle()  # a run killed just after it published left its publication without a name
    rolled_back, publishers = statuses(kept), {one.run_id for one in kept.all()}
    for path in sorted((lake.data.lake / "pipeline_runs").glob("*.parquet")):
        relative, run = f"pipeline_runs/{path.name}", context.instance.get_run_by_id(path.stem)
        has_failed = run is not None and not run.is_success
        if path.stem == context.run_id or not (has_failed or path.stem in rolled_back):
            continue
        record = lake.read(relative, PIPELINE_RUNS)
        said = record["status"].iloc[0]
        if path.stem in rolled_back and said != "stopped":
            now = rolled_back[path.stem]
        elif path.stem in publishers and said != "stopped":
            now = "published"
        elif said == "published" and not _has_published(context.instance, path.stem):
            now = "failed"
        else:  # stopped by the impact gate, which says so itself; or one target failed and another did not
            continue
        if now != said:
            lake.write(relative, record.assign(status=now), PIPELINE_RUNS)


def _has_published(instance: dg.DagsterInstance, run_id: str) -> bool:
    records = instance.get_records_for_run(run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION).records
    return any("publication" in record.asset_materialization.metadata for record in records)


def _rows_pulled(context: dg.AssetExecutionContext) -> int:
    records = context.instance.get_records_for_run(
        context.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION
    ).records
    pulled = [
        record.asset_materialization.metadata["new_rows"].value
        for record in records
        if record.asset_materialization.asset_key.path[0] == "raw"
    ]
    return sum(pulled)
