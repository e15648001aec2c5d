"""Behavioural segments, churn scores and demand forecasts as assets, each with the grades of its model."""

from datetime import date
from typing import Any

import dagster as dg
import pandas as pd

from orchestration.contracts import BEHAVIOUR_SEGMENTS, CHURN_SCORES, DEMAND_FORECAST, GRADES
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence import plots
from orchestration.lake import Lake

_FEATURES = dg.AssetKey(["unified", "customer_features"])
_OUTCOMES = dg.AssetKey(["unified", "customer_outcomes"])
_DEMAND = dg.AssetKey(["unified", "weekly_demand"])


def _asset(name: str, owner: str, deps: list[dg.AssetKey]) -> Any:
    return dg.asset(
        key=["intelligence", name],
        group_name="intelligence",
        owners=[owner],
        kinds={"python", "scikitlearn", "parquet"},
        deps=[*deps, dg.AssetKey(["staged", "run_date"])],
        pool=WAREHOUSE_POOL,
    )


def _write_grades(lake: Lake, subject: str, as_of: date, grades: pd.DataFrame) -> dict[str, Any]:
    lake.write(f"grading/grades/{subject}_{as_of}.parquet", grades, GRADES)
    said: dict[str, Any] = {}
    for metric, rows in grades.groupby("metric", sort=False):
        beside = ", ".join(f"{row.baseline}: {row.baseline_value:.4f}" for row in rows.itertuples())
        said[str(metric)] = f"{rows['value'].iloc[0]:.4f} ({beside})"
    return said


def _served(context: dg.AssetExecutionContext, result: Any) -> str:
    """Which model serves tonight; said aloud when it is not the first choice, with the reason."""
    if result.note:
        context.log.info(f"served by {result.served_by}: {result.note}")
    return f"{result.served_by}; {result.note}" if result.note else result.served_by


@_asset("behaviour_segments", "marketing-analytics@example.com", [_FEATURES, _OUTCOMES])
def behaviour_segments(lake: Lake) -> dg.MaterializeResult:
    """Customers grouped by how they buy; the groups are named after what sets them apart."""
    from models import segments as model

    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        features = warehouse.sql("select * from unified.customer_features order by as_of, customer_id").df()
    result = model.segment(features)
    lake.write(f"intelligence/behaviour_segments/{as_of}.parquet", result.assignments, BEHAVIOUR_SEGMENTS)
    sizes = result.assignments["behaviour_segment"].value_counts()
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(result.assignments),
            **_write_grades(lake, "behaviour_segments", as_of, result.grades),
            "sizes": dg.MetadataValue.md(sizes.to_frame("customers").to_markdown()),
            "profiles": dg.MetadataValue.md(result.profiles.round(2).to_markdown(index=False)),
        }
    )


@_asset("churn_scores", "marketing-analytics@example.com", [_FEATURES, _OUTCOMES])
def churn_scores(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """How likely each active customer is to buy nothing in the next 28 days; judged on past nights."""
    from models import churn as model

    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        features = warehouse.sql("select * from unified.customer_features order by as_of, customer_id").df()
        outcomes = warehouse.sql("select * from unified.customer_outcomes order by as_of, customer_id").df()
    result = model.run(features, outcomes, as_of)
    lake.write(f"intelligence/churn_scores/{as_of}.parquet", result.scores, CHURN_SCORES)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(result.scores),
            "at_risk": int(result.scores["is_at_risk"].sum()),
            "served_by": _served(context, result),
            **_write_grades(lake, "churn", as_of, result.grades),
            "scores": plots.histogram(result.scores["churn_probability"], "churn probability", "customers"),
        }
    )


@_asset("demand_forecast", "buying@example.com", [_DEMAND])
def demand_forecast(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """Units per product category for the coming weeks, with an interval; judged on past weeks."""
    from models import demand as model

    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        weekly = warehouse.sql("select * from unified.weekly_demand order by series_id, week_start").df()
    result = model.run(weekly, as_of)
    lake.write(f"intelligence/demand_forecast/{as_of}.parquet", result.forecast, DEMAND_FORECAST)
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(result.forecast),
            "series": int(result.forecast["series_id"].nunique()),
            "served_by": _served(context, result),
            **_write_grades(lake, "demand", as_of, result.grades),
            "total": plots.forecast(weekly, result.forecast),
        }
    )
