"""Identity against the truth: the demo company knows who is who; your own data may hold a labelled sample."""

import os
from pathlib import Path

import dagster as dg

from orchestration.contracts import GRADES
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.lake import Lake, sql_literal

TRUTH_VARIABLE = "TRUTH_DIR"


@dg.asset(
    key=["grading", "grades"],
    group_name="grading",
    owners=["customer-data@example.com"],
    kinds={"python", "parquet"},
    deps=[
        dg.AssetKey(["identity", "assignments"]),
        *(dg.AssetKey(["intelligence", name]) for name in ("behaviour_segments", "churn_scores", "demand_forecast")),
    ],
    pool=WAREHOUSE_POOL,
)
def grades(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """Every number beside its naive baseline: identity against truth, predictions against what came of them.

    Identity is graded where TRUTH_DIR names a folder with records.parquet (source_system, source_key,
    person_id); a sample is enough, records outside it are not counted.
    """
    from models.grades import Judged, grades_table
    from models.identity import evaluate

    folder = os.environ.get(TRUTH_VARIABLE)
    if not folder or not (Path(folder) / "records.parquet").exists():
        context.log.info(f"identity is not graded: {TRUTH_VARIABLE} names no folder with records.parquet")
        return dg.MaterializeResult(metadata={"identity": f"not graded, {TRUTH_VARIABLE} is not set"})
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        current, truth = (
            warehouse.sql(query).df()
            for query in (
                "select record_key, customer_id from identity.assignments order by record_key",
                "select record_key, person_id from validated.customer_records"
                f" inner join read_parquet({sql_literal(Path(folder) / 'records.parquet')})"
                " using (source_system, source_key) order by record_key",
            )
        )
        by_email = warehouse.sql(
            "select record_key, coalesce(lower(email), record_key) as customer_id from validated.customer_records"
            " order by record_key"
        ).df()
    found = evaluate.pairwise(current, truth)
    naive = evaluate.pairwise(by_email, truth)
    about = Judged("identity", as_of, as_of, as_of, len(truth))
    frame = grades_table(
        about.grade(measure, found[measure], "same e-mail address", naive[measure])
        for measure in ("precision", "recall", "f1", "found_customers", "true_people")
    )
    lake.write(f"grading/grades/identity_{as_of}.parquet", frame, GRADES)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(frame),
            "identity": dg.MetadataValue.md(frame[["metric", "value", "baseline_value"]].to_markdown(index=False)),
        }
    )
