"""Recommendations as an asset: each customer's next basket, and products that are new to them."""

from datetime import date
from functools import partial
from typing import Any

import dagster as dg
import duckdb
import pandas as pd

from orchestration.contracts import RECOMMENDATIONS
from orchestration.grading.standing import demotion
from orchestration.intelligence.night import TONIGHT, Inputs, Night, asset, keep, served
from orchestration.lake import Lake


def recommendations_night(
    warehouse: duckdb.DuckDBPyConnection, as_of: date, inputs: Inputs = TONIGHT, demoted: str = ""
) -> Night:
    """Lists as of a date, from purchases up to it.

    Reads nothing of `inputs`: past days are worked out from the purchases themselves. Where `demoted` says why the
    models stand back, the better of popularity and personal frequency answers.
    """
    from models import recommend as model

    # A literal, not a parameter: DuckDB reads a query with parameters whole, and this one may have millions of rows.
    lines = warehouse.sql(
        "select customer_id, order_id, order_date, product_id from unified.order_lines"
        f" where order_date <= date '{as_of}'"
    )
    result = model.run(lines, as_of, _catalogue(warehouse), demoted=demoted, streamed=True)
    return Night(
        {"recommendations": (result.lists, RECOMMENDATIONS)},
        "recommendations",
        result.grades,
        served(result),
        partial(_shown, result),
        {
            "learns from": f"orders of up to {model.RecommendSettings().max_days} days before the date; weights of the"
            " ranker from the orders of the 28 days before it",
            "not to be used for": "prices or credit; a list says what will be bought anyway as often as what a"
            " recommendation would bring about",
        },
    )


def _catalogue(warehouse: duckdb.DuckDBPyConnection) -> pd.DataFrame | None:
    """The products, with whether they can be bought where their source says so (column is_available).

    None without a catalogue, as in a warehouse made from nothing but orders.
    """
    columns = warehouse.sql(
        "select column_name from duckdb_columns() where schema_name = 'validated' and table_name = 'products'"
        " and column_name in ('product_id', 'is_available') order by column_name desc"
    ).fetchall()
    if ("product_id",) not in columns:
        return None
    products = warehouse.sql(f"select {', '.join(name for (name,) in columns)} from validated.products").df()
    return products if len(products) else None


def _shown(result: Any) -> dict[str, Any]:
    """Coverage and the models side by side for the UI; nothing about a single customer."""
    from models.judging import ranking

    shown: dict[str, Any] = {"customers": result.customers, "catalogue_shown": result.catalogue_share}
    compared = result.comparison
    if compared.baskets:
        table = pd.DataFrame(
            {
                "recall": {name: one.means()["recall"] for name, one in compared.baskets.items()},
                "recall, 95 % of customers drawn anew": {
                    name: "{:.4f} to {:.4f}".format(*ranking.interval(one.recall))
                    for name, one in compared.baskets.items()
                },
                "ndcg": {name: one.means()["ndcg"] for name, one in compared.baskets.items()},
                "new product found": {name: one.means()["hit"] for name, one in compared.new.items()},
                "catalogue": compared.coverage,
            }
        )
        shown["models"] = dg.MetadataValue.md(
            table.rename_axis("model").round(4).reset_index().to_markdown(index=False)
        )
        shown["new_products_by"] = compared.serve_new
    return shown


@asset("recommendations", "marketing-analytics@example.com", ["unified/order_lines"])
def recommendations(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """What each customer will likely buy next, and what is new and worth showing; judged on past nights."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        night = recommendations_night(warehouse, as_of, demoted=demotion(lake, "recommendations", as_of))
    context.log.info(f"served by {night.served_by}")
    return dg.MaterializeResult(metadata=keep(lake, as_of, night))
