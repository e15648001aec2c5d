"""Behavioural segments as an asset: customers grouped by how they buy."""

from datetime import date

import dagster as dg
import duckdb

from orchestration.contracts import BEHAVIOUR_SEGMENTS
from orchestration.intelligence.night import TONIGHT, Inputs, Night, asset, keep
from orchestration.lake import Lake


def segments_night(warehouse: duckdb.DuckDBPyConnection, as_of: date, inputs: Inputs = TONIGHT) -> Night:
    """Segments as of a date, from features up to it."""
    from models import segments as model

    query = f"select * from {inputs.features} where as_of <= $as_of order by as_of, customer_id"
    result = model.segment(warehouse.sql(query, params={"as_of": as_of}).df())
    sizes = result.assignments["behaviour_segment"].value_counts()
    return Night(
        {"behaviour_segments": (result.assignments, BEHAVIOUR_SEGMENTS)},
        "behaviour_segments",
        result.grades,
        metadata={
            "sizes": dg.MetadataValue.md(sizes.to_frame("customers").to_markdown()),
            "profiles": dg.MetadataValue.md(result.profiles.round(2).to_markdown(index=False)),
        },
    )


@asset("behaviour_segments", "marketing-analytics@example.com", ["unified/customer_features"])
def behaviour_segments(lake: Lake) -> dg.MaterializeResult:
    """Customers grouped by how they buy; the groups are named after what sets them apart."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        night = segments_night(warehouse, as_of)
    return dg.MaterializeResult(metadata=keep(lake, as_of, night))
