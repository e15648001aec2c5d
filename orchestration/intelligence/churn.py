"""Churn scores as an asset: how likely each active customer is to leave, why, and what it would cost."""

from datetime import date

import dagster as dg
import duckdb

from orchestration.contracts import CHURN_BACKTEST, CHURN_SCORES
from orchestration.grading.standing import demotion
from orchestration.intelligence import plots
from orchestration.intelligence.night import TONIGHT, Inputs, Night, asset, keep, served
from orchestration.lake import Lake


def churn_night(
    warehouse: duckdb.DuckDBPyConnection, as_of: date, inputs: Inputs = TONIGHT, demoted: str = ""
) -> Night:
    """Scores as of a date, by a model that learnt from outcomes known by then; `demoted` says why it must not serve."""
    from models import churn as model

    # A literal, not a parameter: DuckDB reads a query with parameters whole, and this one may have millions of rows.
    tables = (
        warehouse.sql(f"select * from {table} where as_of <= date '{as_of}'")
        for table in (inputs.features, inputs.outcomes)
    )
    result = model.run(*tables, as_of, demoted=demoted)
    at_risk = result.scores[result.scores["is_at_risk"]]
    said = {
        "at_risk": len(at_risk),
        "expected_loss_usd": round(float(at_risk["expected_loss_usd"].sum()), 2),
        "scores": plots.histogram(result.scores["churn_probability"], "churn probability", "customers"),
    }
    tables = {"churn_scores": (result.scores, CHURN_SCORES)}
    if len(result.backtest):
        tables["churn_backtest"] = (result.backtest, CHURN_BACKTEST)
        tenths = result.calibration.rename(columns={"observed": "actual"})
        said["calibration"] = plots.predicted_beside_actual(tenths, "churn probability by tenths, out of time")
    return Night(tables, "churn", result.grades, served(result), said, result.about)


@asset("churn_scores", "marketing-analytics@example.com", ["unified/customer_features", "unified/customer_outcomes"])
def churn_scores(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """How likely each active customer is to leave, with reasons and the money at stake; judged on past nights."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        night = churn_night(warehouse, as_of, demoted=demotion(lake, "churn", as_of))
    context.log.info(f"served by {night.served_by}")
    return dg.MaterializeResult(metadata=keep(lake, as_of, night))
