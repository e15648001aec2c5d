"""Nights of three records that are found to be two or three customers: resolved, judged and published for real."""

from datetime import timedelta

import duckdb
import pandas as pd

from models.identity import Impact, ImpactLimits
from orchestration.contracts import ASSIGNMENTS, HOUSEHOLD_HISTORY, IDENTITY_HISTORY
from orchestration.identity.approvals import hold, release
from orchestration.identity.gate import judge, refuse_unjudged
from orchestration.identity.published import kept_with, prepare, settle
from orchestration.lake import Lake
from orchestration.serving.kept import Kept
from orchestration.serving.manifest import Keys
from orchestration.serving.publish import Night, Steps, publish
from tests.unit.orchestration.publications import FIRST

STRICT = ImpactLimits(records_moved=0.0, moved_records_floor=1)
LENIENT = ImpactLimits(records_moved=1.0, revenue_moved=1.0, revenue_moved_by_few=1.0)
APART, MERGED = {"a": "A", "b": "B", "c": "C"}, {"a": "A", "b": "A", "c": "C"}
MARTS = {"customers": Keys(("customer_id",)), "orders": Keys()}


def night_found(lake: Lake, number: int, customers: dict[str, str], limits: ImpactLimits = STRICT) -> Impact:
    """Resolve, build, judge and hold or release, as the night of `number` does."""
    day = FIRST + timedelta(days=number)
    frame = pd.DataFrame({"record_key": list(customers), "customer_id": list(customers.values())})
    frame = frame.assign(match_probability=1.0, match_rule="single record", cluster_size=1)
    lake.write("identity/assignments.parquet", frame, ASSIGNMENTS)
    rows = [(key, now, day, None) for key, now in customers.items()]
    lake.write("identity/history.parquet", pd.DataFrame(rows, columns=IDENTITY_HISTORY.names), IDENTITY_HISTORY)
    lake.write("identity/household_history.parquet", HOUSEHOLD_HISTORY.empty_table(), HOUSEHOLD_HISTORY)
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        for schema in ("staged", "validated", "unified", "identity", "marts"):
            warehouse.execute(f"create schema if not exists {schema}")
    show_assignments(lake)
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        warehouse.execute(
            f"""
            create or replace table staged.run_date as select date '{day}' as as_of;
            create or replace table validated.orders as select '1' as order_id, 'b' as customer_record_key;
            create or replace table unified.orders as select '1' as order_id, 5.00 as sales_usd;
            create or replace table marts.customers as
                select customer_id, {number} as night from identity.assignments group by customer_id;
            create or replace table marts.orders as select {number} as night from range(50);
            create or replace table marts.customer_segments as select customer_id, 'loyal' as rfm_segment
            from marts.customers;
            """
        )
    found = judge(lake, limits)[1]
    if found.is_stopped:
        hold(lake, found, str(day))
    else:
        release(lake)
    return found


def show_assignments(lake: Lake) -> None:
    """Register the lake's file, as dbt does."""
    path = lake.data.lake / "identity/assignments.parquet"
    with duckdb.connect(str(lake.data.warehouse)) as warehouse:
        warehouse.execute(f"create or replace view identity.assignments as from read_parquet('{path}')")


def publish_found(lake: Lake, number: int) -> None:
    """Publish it, as the asset does."""
    refuse_unjudged(lake)
    steps = Steps(
        before=lambda file, digest: prepare(lake, file, digest),
        companions=kept_with(lake),
        after=lambda digest: settle(lake, digest),
    )
    night = Night(f"run{number:05d}-of-a-test", FIRST + timedelta(days=number))
    publish(lake.data.warehouse, Kept.of(lake.data), night, MARTS, steps)
