"""Demand forecasts as an asset: what will be sold in the coming weeks."""

import dagster as dg

from orchestration.contracts import DEMAND_FORECAST
from orchestration.intelligence import plots
from orchestration.intelligence.night import Night, asset, keep, served
from orchestration.lake import Lake


@asset("demand_forecast", "buying@example.com", ["unified/weekly_demand"])
def demand_forecast(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """Units per product category for the coming weeks, with an interval; judged on past weeks."""
    from models import demand as model

    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        weekly = warehouse.sql("select * from unified.weekly_demand order by series_id, week_start").df()
    result = model.run(weekly, as_of)
    night = Night(
        {"demand_forecast": (result.forecast, DEMAND_FORECAST)},
        "demand",
        result.grades,
        served(result),
        {
            "series": int(result.forecast["series_id"].nunique()),
            "total": plots.forecast(weekly, result.forecast),
        },
    )
    context.log.info(f"served by {night.served_by}")
    return dg.MaterializeResult(metadata=keep(lake, as_of, night))
