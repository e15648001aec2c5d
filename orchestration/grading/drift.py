"""Drift as an asset: whether tonight's customers and scores look like those of four weeks before."""

from datetime import date, timedelta

import dagster as dg
import numpy as np
import pandas as pd

from orchestration.contracts import MODEL_DRIFT
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence.kept import PLACES
from orchestration.lake import Lake

# Scores are compared with those of four weeks before: the same weekdays, and time enough to move.
_APART = timedelta(days=28)
_KEYS = ("customer_id", "as_of")


@dg.asset(
    key=["grading", "drift"],
    group_name="grading",
    owners=["marketing-analytics@example.com"],
    kinds={"python", "parquet"},
    deps=[
        dg.AssetKey(["unified", "customer_features"]),
        *(dg.AssetKey(["intelligence", name]) for name in ("churn_scores", "lifetime_value", "recommendations")),
    ],
    pool=WAREHOUSE_POOL,
)
def drift(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """How far features and scores moved in four weeks: whether models still see what they learnt from."""
    from models.scorecard import TASKS

    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        features = warehouse.sql(
            "select * from unified.customer_features where as_of <= $as_of and as_of >= $as_of - $days"
            " order by as_of, customer_id",
            params={"as_of": as_of, "days": _APART.days},
        ).df()
    features["as_of"] = pd.to_datetime(features["as_of"]).dt.date
    rows = _of_features(features, as_of)
    for subject, table, column in dict.fromkeys(
        (t.subject, t.table, t.predicted) for t in TASKS if t.kind in ("probability", "amount")
    ):
        rows += _of_scores(lake, subject, table, column, as_of)
    frame = pd.DataFrame(rows, columns=MODEL_DRIFT.names).sort_values(["subject", "column_name"], kind="stable")
    lake.keep_once(f"grading/drift/{as_of}.parquet", frame, MODEL_DRIFT)
    moved = frame[frame["verdict"].isin(["moderate", "large"])].sort_values("psi", ascending=False, kind="stable")
    large = moved[moved["verdict"] == "large"]
    if len(large):
        context.log.info(f"drift: {len(large)} columns moved far, most of all {large['column_name'].iloc[0]}")
    shown = moved[["subject", "column_name", "psi", "verdict"]].head(20).round(4).to_markdown(index=False)
    return dg.MaterializeResult(
        metadata={"dagster/row_count": len(frame), "moved": dg.MetadataValue.md(shown if len(moved) else "nothing")}
    )


def _of_features(features: pd.DataFrame, as_of: date) -> list[dict[str, object]]:
    """Tonight's features against those of the newest earlier date, four weeks before."""
    now, earlier = features[features["as_of"] == as_of], features[features["as_of"] < as_of]
    if earlier.empty:
        return []
    before = earlier["as_of"].max()
    then, now = earlier[earlier["as_of"] == before].set_index("customer_id"), now.set_index("customer_id")
    return [
        _row("features", as_of, column, before, then[column], now[column])
        for column in features.columns
        if column not in _KEYS
    ]


def _of_scores(lake: Lake, subject: str, table: str, column: str, as_of: date) -> list[dict[str, object]]:
    """Tonight's scores against the newest ones kept at least four weeks before; none when there are none."""
    for kept in PLACES:
        earlier = [day for day in kept.dates(lake, table) if day <= as_of - _APART]
        if earlier and (lake.data.lake / PLACES[0].scores(table, as_of)).exists():
            then = _by_customer(lake, lake.first_kept(kept.scores(table, earlier[-1])))
            now = _by_customer(lake, PLACES[0].scores(table, as_of))
            if column in then and column in now:
                return [_row(subject, as_of, column, earlier[-1], then[column], now[column])]
    return []


def _by_customer(lake: Lake, path: str) -> pd.DataFrame:
    return lake.read_table(path).to_pandas().set_index("customer_id")


def _row(
    subject: str, as_of: date, column: str, before: date, reference: pd.Series, current: pd.Series
) -> dict[str, object]:
    """One column on two dates, by customer; what the calendar alone added to it is no drift."""
    from models.scorecard import ScorecardSettings, moved_by_time, population_stability, verdict

    settings = ScorecardSettings()
    then, now = (
        pd.Series(pd.to_numeric(one, errors="coerce").to_numpy("float64", na_value=np.nan), index=one.index)
        for one in (reference, current)
    )
    on_both = then.index.intersection(now.index)
    by_time = moved_by_time(then[on_both], now[on_both], (as_of - before).days, settings)
    index = population_stability(then.to_numpy() + by_time, now.to_numpy(), settings.drift_bins)
    index = round(index, settings.decimals)
    return dict(zip(MODEL_DRIFT.names, (subject, as_of, column, before, index, verdict(index, settings)), strict=True))
