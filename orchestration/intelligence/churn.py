"""Churn scores as an asset: how likely each active customer is to leave."""

from datetime import date

import dagster as dg
import duckdb

from orchestration.contracts import CHURN_SCORES
from orchestration.intelligence import plots
from orchestration.intelligence.night import TONIGHT, Inputs, Night, asset, keep, served
from orchestration.lake import Lake


def churn_night(warehouse: duckdb.DuckDBPyConnection, as_of: date, inputs: Inputs = TONIGHT) -> Night:
    """Scores as of a date, by a model that learnt from outcomes known by then."""
    from models import churn as model

    tables = (
        warehouse.sql(
            f"select * from {table} where as_of <= $as_of order by as_of, customer_id", params={"as_of": as_of}
        ).df()
        for table in (inputs.features, inputs.outcomes)
    )
    result = model.run(*tables, as_of)
    return Night(
        {"churn_scores": (result.scores, CHURN_SCORES)},
        "churn",
        result.grades,
        served(result),
        {
            "at_risk": int(result.scores["is_at_risk"].sum()),
            "scores": plots.histogram(result.scores["churn_probability"], "churn probability", "customers"),
        },
    )


@asset("churn_scores", "marketing-analytics@example.com", ["unified/customer_features", "unified/customer_outcomes"])
def churn_scores(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """How likely each active customer is to buy nothing in the next 28 days; judged on past nights."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        night = churn_night(warehouse, as_of)
    context.log.info(f"served by {night.served_by}")
    return dg.MaterializeResult(metadata=keep(lake, as_of, night))
