"""Grades: every number beside its naive baseline."""

import dagster as dg

from orchestration.contracts import GRADES
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.grading.truth import tonights_truth
from orchestration.intelligence.night import ANSWERS
from orchestration.lake import Lake

_MEASURES = (
    "precision",
    "recall",
    "f1",
    "bcubed_precision",
    "bcubed_recall",
    "bcubed_f1",
    "found_customers",
    "true_people",
)


@dg.asset(
    key=["grading", "grades"],
    group_name="grading",
    owners=["customer-data@example.com"],
    kinds={"python", "parquet"},
    deps=[
        dg.AssetKey(["identity", "assignments"]),
        *ANSWERS,
    ],
    pool=WAREHOUSE_POOL,
)
def grades(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """Every number beside its naive baseline: identity against truth, predictions against what came of them.

    Identity is graded where TRUTH_DIR names a folder with records.parquet (source_system, source_key,
    person_id); a sample is enough, records outside it are not counted.
    """
    from models.grades import Judged, grades_table
    from models.identity import measure

    known = tonights_truth(lake)
    if isinstance(known, str):
        context.log.info(f"identity is {known}")
        return dg.MaterializeResult(metadata={"identity": known})
    found, naive = (
        measure.pairwise(grouping, known.truth) | measure.bcubed(grouping, known.truth)
        for grouping in (known.current, known.by_email)
    )
    about = Judged("identity", known.as_of, known.as_of, known.as_of, len(known.truth))
    frame = grades_table(about.grade(name, found[name], "same e-mail address", naive[name]) for name in _MEASURES)
    lake.write(f"grading/grades/identity_{known.as_of}.parquet", frame, GRADES)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(frame),
            "identity": dg.MetadataValue.md(frame[["metric", "value", "baseline_value"]].to_markdown(index=False)),
        }
    )
