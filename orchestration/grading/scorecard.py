"""The scorecard as an asset: what became known since the night before of earlier answers, and who serves tonight."""

from collections.abc import Iterator
from datetime import date

import dagster as dg
import duckdb
import pandas as pd

from orchestration.contracts import SCORECARD, SCORECARD_BINS
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence import plots
from orchestration.intelligence.kept import NIGHTLY
from orchestration.lake import Lake, sql_literal

_SHOWN = ["task", "as_of", "metric", "value", "baseline", "baseline_value", "population"]


_MADE = {
    "scorecard": "Earlier answers of models beside what happened, all customers and by group, beside a naive baseline.",
    "scorecard_bins": "Mean predicted beside mean actual of earlier answers: tenths, and groups of customers.",
    "standing": "Whether each model or its baseline serves tonight, and why.",
}
_DEPS = ("unified/due_outcomes", "unified/customer_360", "unified/order_lines", "grading/due_predictions")


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
        metadata |= pictures(lake, subject, as_of)
    overall = graded[(graded["dimension"] == "all") & graded["baseline"].notna()]
    if len(overall):
        metadata["became known"] = dg.MetadataValue.md(overall[_SHOWN].round(4).to_markdown(index=False))
    yield dg.MaterializeResult(asset_key=["grading", "scorecard"], metadata=metadata)
    yield dg.MaterializeResult(asset_key=["grading", "scorecard_bins"], metadata={"dagster/row_count": len(binned)})
    yield dg.MaterializeResult(asset_key=["grading", "standing"], metadata=told)


def graded_so_far(lake: Lake, subject: str, as_of: date, table: str = "scorecard") -> pd.DataFrame:
    """All that is known of a subject by a date, of all customers and of groups; of `scorecard` or `scorecard_bins`.

    Where a night and a backfill speak for one date, the night's word stands.
    """
    folder = lake.data.lake / "grading" / table
    if not any(folder.glob("*.parquet")):
        return (SCORECARD if table == "scorecard" else SCORECARD_BINS).empty_table().to_pandas()
    rows = duckdb.execute(
        f"select * from read_parquet({sql_literal(folder / '*.parquet')}) where subject = $1 and matured_on <= $2"
        " order by all",
        [subject, as_of],
    ).df()
    for column in ("as_of", "matured_on"):
        rows[column] = rows[column].dt.date
    nights = set(zip(*(rows.loc[rows["origin"] == "night", name] for name in ("task", "as_of")), strict=True))
    again = [key in nights for key in zip(rows["task"], rows["as_of"], strict=True)]
    return rows[(rows["origin"] == "night") | ~pd.Series(again, index=rows.index, dtype=bool)].reset_index(drop=True)


def pictures(lake: Lake, subject: str, as_of: date) -> dict[str, object]:
    """Each primary figure by date beside its baseline, and the newest calibration curve."""
    from models.scorecard import TASKS

    drawn: dict[str, object] = {}
    rows = graded_so_far(lake, subject, as_of)
    if rows.empty:
        return drawn
    bins = graded_so_far(lake, subject, as_of, "scorecard_bins")
    for task in (task for task in TASKS if task.subject == subject and task.primary):
        own = rows[(rows["task"] == task.name) & (rows["dimension"] == "all")]
        for metric in task.primary:
            lines = own[(own["metric"] == metric) & own["baseline"].notna()]
            if len(lines):
                drawn[f"{subject}, {metric}"] = plots.beside_baseline(lines, f"{task.name}: {metric}")
        tenths = bins[(bins["task"] == task.name) & (bins["dimension"] == "tenth")]
        if len(tenths):
            newest = tenths[tenths["as_of"] == tenths["as_of"].max()]
            drawn[f"{subject}, calibration"] = plots.predicted_beside_actual(
                newest, f"{task.name} as of {newest['as_of'].iloc[0]}"
            )
    return drawn
