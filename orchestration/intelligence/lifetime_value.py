"""Lifetime value as an asset: what each customer is expected to buy in the next 30, 90 and 365 days."""

from datetime import date
from typing import Any

import dagster as dg
import duckdb

from orchestration.contracts import LIFETIME_VALUE
from orchestration.grading.standing import demotion
from orchestration.intelligence import value_plots
from orchestration.intelligence.night import TONIGHT, Inputs, Night, asset, keep, served
from orchestration.lake import Lake


def lifetime_value_night(
    warehouse: duckdb.DuckDBPyConnection, as_of: date, inputs: Inputs = TONIGHT, demoted: str = ""
) -> Night:
    """Expected purchases and spend as of a date, from purchases up to it.

    Reads nothing of `inputs`: past days are worked out from the purchases themselves. Where `demoted` says why the
    models stand back, the better naive forecast answers.
    """
    from models import lifetime_value as model

    query = "select customer_id, order_date, sales_usd from unified.customer_days where order_date <= $as_of"
    result = model.run(warehouse.sql(query, params={"as_of": as_of}), as_of, demoted=demoted)
    return Night(
        {"lifetime_value": (result.scores, LIFETIME_VALUE)},
        "lifetime_value",
        result.grades,
        served(result),
        _shown(result),
        {
            "learns from": "days with a purchase, of at most 20,000 customers, as of past days four weeks apart",
            "not to be used for": "a single customer's fate: of ten, two end outside their interval. A year ahead is"
            " judged only once a year has passed",
        },
    )


def _shown(result: Any) -> dict[str, Any]:
    """Totals, candidates and pictures for the UI; nothing about a single customer."""
    shown: dict[str, Any] = {
        f"expected_spend_{verdict.ahead}d_usd": float(result.scores[f"expected_spend_{verdict.ahead}d_usd"].sum())
        for verdict in result.verdicts
    }
    for verdict in result.verdicts:
        if verdict.deciles is not None:
            figures = verdict.figures.rename_axis("candidate").round(4).reset_index()
            shown[f"candidates_{verdict.ahead}d"] = dg.MetadataValue.md(figures.to_markdown(index=False))
            shown[f"deciles_{verdict.ahead}d"] = value_plots.deciles(verdict.deciles, f"next {verdict.ahead} days")
    if result.published is not None:
        frequency, value = result.published.frequency, result.published.value
        shown["parameters"] = (
            f"BG/NBD r {frequency.r:.3f}, alpha {frequency.alpha:.3f} days, a {frequency.a:.3f}, b {frequency.b:.3f}; "
            f"Gamma-Gamma p {value.p:.3f}, q {value.q:.3f}, gamma {value.gamma:.3f} USD"
        )
        shown["still_buying"] = value_plots.alive(frequency, 365.0, 30)
    return shown


@asset("lifetime_value", "marketing-analytics@example.com", ["unified/customer_days"])
def lifetime_value(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """What each customer is expected to buy and spend in the next 30, 90 and 365 days; judged on past nights."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        night = lifetime_value_night(warehouse, as_of, demoted=demotion(lake, "lifetime_value", as_of))
    context.log.info(f"served by {night.served_by}")
    return dg.MaterializeResult(metadata=keep(lake, as_of, night))
