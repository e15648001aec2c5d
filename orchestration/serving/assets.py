"""Publishing as assets: the record of this run, and `serving.duckdb`."""

from datetime import UTC, datetime

import dagster as dg
import pandas as pd

from orchestration.contracts import PIPELINE_RUNS
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.identity.gate import refuse_unjudged
from orchestration.identity.published import prepare, settle
from orchestration.lake import Lake, sql_identifier
from orchestration.serving.publish import publish

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
            *(
                dg.AssetKey(["intelligence", name])
                for name in (
                    "behaviour_segments",
                    "churn_scores",
                    "demand_forecast",
                    "lifetime_value",
                    "recommendations",
                )
            ),
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
        _mark_failed_runs(context, lake)
        lake.write(f"pipeline_runs/{context.run_id}.parquet", pd.DataFrame([record]), PIPELINE_RUNS)
        return dg.MaterializeResult(metadata={key: str(value) for key, value in record.items()})

    return run_record


def _mark_failed_runs(context: dg.AssetExecutionContext, lake: Lake) -> None:
    """A run that wrote its record and failed after it never published; its record says so from now on."""
    for left_over in (lake.data.lake / "pipeline_runs").glob(".*.unfinished"):  # of a killed run: no other has its name
        left_over.unlink()
    for path in sorted((lake.data.lake / "pipeline_runs").glob("*.parquet")):
        run = context.instance.get_run_by_id(path.stem)
        if path.stem != context.run_id and run is not None and not run.is_success:
            relative = f"pipeline_runs/{path.name}"
            record = lake.read(relative, PIPELINE_RUNS)
            if record["status"].tolist() != ["stopped"]:  # by the impact gate, which says so itself
                lake.write(relative, record.assign(status="failed"), PIPELINE_RUNS)


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


def build_publication(marts: list[dg.AssetKey]) -> dg.AssetsDefinition:
    """The published database, replaced by rename once every mart is built and tested."""

    @dg.asset(
        key=["serving", "serving_duckdb"],
        group_name="serving",
        owners=[_OWNER],
        kinds={"duckdb"},
        deps=[*marts, dg.AssetKey(["identity", "impact"])],
        pool=WAREHOUSE_POOL,
    )
    def serving_duckdb(lake: Lake) -> dg.MaterializeResult:
        """`serving.duckdb`: the marts and nothing else. Readers see last night or tonight, never a mix."""
        refuse_unjudged(lake)
        tables = [mart.path[-1] for mart in marts]
        rows = publish(lake.data.warehouse, lake.data.serving, tables, lambda finished: prepare(lake, finished))
        settle(lake)
        return dg.MaterializeResult(
            metadata={
                "dagster/row_count": sum(rows.values()),
                "path": dg.MetadataValue.path(str(lake.data.serving)),
                "size_mb": round(lake.data.serving.stat().st_size / 1e6, 1),
                **{f"rows_{table}": count for table, count in rows.items()},
            }
        )

    return serving_duckdb
