"""Replenishment as an asset: which shelves will be empty when, and how much to order."""

from datetime import date

import dagster as dg
import duckdb
import pandas as pd

from models.grades import grades_table
from orchestration.contracts import DEMAND_FORECAST, REPLENISHMENT
from orchestration.intelligence import demand_plots
from orchestration.intelligence.kept import NIGHTLY
from orchestration.intelligence.night import Night, asset, keep
from orchestration.lake import Lake


def replenishment_night(warehouse: duckdb.DuckDBPyConnection, as_of: date, forecast: pd.DataFrame) -> Night:
    """Orders as of a date, from the stock of the warehouse and the night's own forecast (rows of DEMAND_FORECAST)."""
    from models import replenishment as model

    stock = warehouse.sql("select * from unified.stock order by product_id, store_id").df()
    bottom = forecast["level"].isin(["product", "rest_of_category", "product_store"])
    weekly = forecast[bottom & (forecast["frequency"] == "week")].rename(
        columns={"forecast_units": "forecast", "upper_80_units": "upper_80"}
    )
    table = model.run(stock, weekly, as_of)
    said = table[table["reorder_quantity"] > 0]
    unsaid = table.loc[table["reason"] != "", "reason"].value_counts()
    return Night(
        {"replenishment": (table, REPLENISHMENT)},
        "replenishment",
        grades_table([]),
        metadata={
            "shelves": len(table),
            "to order": len(said),
            "nothing said": dg.MetadataValue.md(unsaid.to_frame("shelves").to_markdown() if len(unsaid) else "none"),
            "empty soon": demand_plots.empty_soon(table) if len(table) else "no stock is known",
        },
    )


@asset("replenishment", "buying@example.com", ["unified/stock", "intelligence/demand_forecast"])
def replenishment(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """When each shelf is expected to be empty, and what to order by the service level that it shall keep."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        forecast = lake.read(NIGHTLY.scores("demand_forecast", as_of), DEMAND_FORECAST)
        night = replenishment_night(warehouse, as_of, forecast)
    context.log.info(f"{night.metadata['to order']} of {night.metadata['shelves']} shelves to order for")
    return dg.MaterializeResult(metadata=keep(lake, as_of, night))
