"""Identity as assets: today's assignment of records to customers, its history, and merges and splits."""

from collections.abc import Iterator

import dagster as dg

from orchestration.contracts import ASSIGNMENTS, IDENTITY_EVENTS, IDENTITY_HISTORY
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.lake import Lake

_OWNER = "customer-data@example.com"


def _spec(name: str, description: str, deps: list[list[str]] | None = None) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=["identity", name],
        group_name="identity",
        description=description,
        owners=[_OWNER],
        kinds={"splink", "parquet"},
        deps=[dg.AssetKey(key) for key in deps or []],
    )


_INPUTS = [["validated", "customer_records"], ["staged", "run_date"]]


@dg.multi_asset(
    name="identity",
    specs=[
        _spec("assignments", "Which customer each record belongs to tonight, and why.", _INPUTS),
        _spec("history", "Which customer each record belonged to, from when to when.", _INPUTS),
        _spec("events", "Customers that appeared, merged or split, by night.", _INPUTS),
    ],
    pool=WAREHOUSE_POOL,
)
def identity(context: dg.AssetExecutionContext, lake: Lake) -> Iterator[dg.MaterializeResult]:
    """Resolve all validated customer records with Splink and carry the ids of earlier nights over."""
    import pandas as pd

    from models import identity as model

    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        records = warehouse.sql("select * from validated.customer_records order by record_key").df()
    context.log.info(f"resolving {len(records):,} records")
    resolution = model.resolve(records)
    history = lake.read("identity/history.parquet", IDENTITY_HISTORY)
    assignment = model.assign_ids(resolution.clusters, history, history, as_of)
    events = lake.read("identity/events.parquet", IDENTITY_EVENTS)
    earlier = events[events["as_of"] < as_of]  # this night may have run before
    all_events = pd.concat([earlier, assignment.events], ignore_index=True) if len(earlier) else assignment.events
    updated_history = model.update_history(history, assignment.current, as_of)
    # History first: it is what the next run starts from, so whatever is cut off after it comes out the same again.
    lake.write("identity/history.parquet", updated_history, IDENTITY_HISTORY)
    lake.write("identity/assignments.parquet", assignment.current, ASSIGNMENTS)
    lake.write("identity/events.parquet", all_events, IDENTITY_EVENTS)

    customers = assignment.current["customer_id"].nunique()
    by_rule = assignment.current["match_rule"].value_counts().sort_index()
    yield dg.MaterializeResult(
        asset_key=["identity", "assignments"],
        metadata={
            "dagster/row_count": len(assignment.current),
            "customers": customers,
            "records_per_customer": round(len(assignment.current) / max(customers, 1), 2),
            "largest_customer_records": int(assignment.current["cluster_size"].max() if customers else 0),
            "records_by_rule": dg.MetadataValue.md(by_rule.to_frame("records").to_markdown()),
        },
    )
    yield dg.MaterializeResult(asset_key=["identity", "history"], metadata={"dagster/row_count": len(updated_history)})
    yield dg.MaterializeResult(
        asset_key=["identity", "events"],
        metadata={
            "dagster/row_count": len(all_events),
            "tonight": {str(kind): int(count) for kind, count in assignment.events["event"].value_counts().items()},
        },
    )
