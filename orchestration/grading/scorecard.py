"""The scorecard as an asset: what became known since the night before of earlier answers, and who serves tonight."""

from collections.abc import Iterator

import dagster as dg

from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence.kept import NIGHTLY
from orchestration.lake import Lake

_SHOWN = ["task", "as_of", "metric", "value", "baseline", "baseline_value", "population"]


_MADE = {
    "scorecard": "Earlier answers of models beside what happened, all customers and by group, beside a naive baseline.",
    "scorecard_bins": "Mean predicted beside mean actual of earlier answers: tenths, and groups of customers.",
    "standing": "Whether each model or its baseline serves tonight, and why.",
}
_DEPS = (
    "unified/due_outcomes",
    "unified/customer_360",
    "unified/order_lines",
    "unified/demand_history",
    "grading/due_predictions",
)


@dg.multi_asset(
    name="grading__scorecard",
    specs=[
        dg.AssetSpec(
            key=["grading", name],
            description=description,
            group_name="grading",
            owners=["marketing-analytics@example.com"],
            kinds={"python", "parquet"},
            deps=[dg.AssetKey(one.split("/")) for one in _DEPS],
        )
        for name, description in _MADE.items()
    ],
    pool=WAREHOUSE_POOL,
)
def scorecard(context: dg.AssetExecutionContext, lake: Lake) -> Iterator[dg.MaterializeResult]:
    """Every earlier answer of a model beside what happened, once that is known; and who serves tonight.

    A model that fell below its baseline over its last matured nights stands back by itself, and comes back when its
    backtest beats the baseline again.
    """
    from models.scorecard import SUBJECTS
    from orchestration.grading.past import Past, grade_waiting, keep_graded
    from orchestration.grading.standing import settle
    from orchestration.grading.waiting import waiting

    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        past = Past(warehouse, "unified.due_outcomes", as_of)
        scored, binned = grade_waiting(lake, past, waiting(lake), past.groups())
        past.close()
    graded = keep_graded(lake, NIGHTLY, as_of, scored, binned)
    metadata: dict[str, object] = {"dagster/row_count": len(graded)}
    told: dict[str, object] = {"dagster/row_count": len(SUBJECTS)}
    for subject in SUBJECTS:
        standing = settle(lake, subject, as_of)
        told[subject] = standing.reason or "the model may serve"
        if standing.is_demoted or standing.since == as_of:
            context.log.info(f"{subject}: {standing.reason}")
    overall = graded[(graded["dimension"] == "all") & graded["baseline"].notna()]
    if len(overall):
        metadata["became known"] = dg.MetadataValue.md(overall[_SHOWN].round(4).to_markdown(index=False))
    yield dg.MaterializeResult(asset_key=["grading", "scorecard"], metadata=metadata)
    yield dg.MaterializeResult(asset_key=["grading", "scorecard_bins"], metadata={"dagster/row_count": len(binned)})
    yield dg.MaterializeResult(asset_key=["grading", "standing"], metadata=told)
