"""Behavioural segments as an asset: customers grouped by how they buy, carried on from the night before."""

from datetime import date, timedelta
from typing import TYPE_CHECKING

import dagster as dg
import duckdb

from orchestration.contracts import BEHAVIOUR_SEGMENT_STATE, BEHAVIOUR_SEGMENTS
from orchestration.intelligence.kept import NIGHTLY, Kept
from orchestration.intelligence.night import TONIGHT, Inputs, Night, asset, keep
from orchestration.lake import Lake, sql_identifier

if TYPE_CHECKING:
    from models.segments import Before

STATE = "behaviour_segment_state"


def segments_night(
    warehouse: duckdb.DuckDBPyConnection, as_of: date, inputs: Inputs = TONIGHT, before: "Before | None" = None
) -> Night:
    """Segments as of a date, from features up to it; `before` is what the last night left of them."""
    from models import segments as model

    settings = model.SegmentSettings()
    known = {column for column, *_ in warehouse.sql(f"describe {inputs.features}").fetchall()}
    columns = [column for column in ("customer_id", "as_of", "spend_28d", *settings.columns) if column in known]
    query = (
        f"select {', '.join(map(sql_identifier, columns))} from {inputs.features}"
        " where as_of in ($as_of, $four_weeks_before) order by as_of, customer_id"
    )
    days = {"as_of": as_of, "four_weeks_before": as_of - timedelta(days=28)}
    result = model.segment(warehouse.sql(query, params=days).df(), settings, before)
    sizes = result.assignments["behaviour_segment"].value_counts()
    return Night(
        {
            "behaviour_segments": (result.assignments, BEHAVIOUR_SEGMENTS),
            STATE: (result.state, BEHAVIOUR_SEGMENT_STATE),
        },
        "behaviour_segments",
        result.grades,
        metadata={
            "groups": result.note,
            "sizes": dg.MetadataValue.md(sizes.to_frame("customers").to_markdown()),
            "profiles": dg.MetadataValue.md(result.profiles.round(2).to_markdown(index=False)),
        },
    )


def last_night(lake: Lake, as_of: date, kept: Kept = NIGHTLY) -> "Before | None":
    """What the newest night before `as_of` left of the segments; None on the first.

    Only earlier nights count: a night that is run again must not carry its own groups on.
    """
    from models.segments import Before, from_state

    nights = [night for night in kept.dates(lake, STATE) if night < as_of]
    if not nights:
        return None
    model = from_state(lake.read(kept.scores(STATE, nights[-1]), BEHAVIOUR_SEGMENT_STATE))
    if model is None:
        return None
    return Before(model, lake.read(kept.scores("behaviour_segments", nights[-1]), BEHAVIOUR_SEGMENTS))


@asset("behaviour_segments", "marketing-analytics@example.com", ["unified/customer_features"])
def behaviour_segments(context: dg.AssetExecutionContext, lake: Lake) -> dg.MaterializeResult:
    """Customers grouped by how they buy; groups keep their numbers and names from night to night."""
    with lake.warehouse() as warehouse:
        as_of = lake.as_of(warehouse)
        night = segments_night(warehouse, as_of, before=last_night(lake, as_of))
    context.log.info(f"segments: {night.metadata['groups']}")
    return dg.MaterializeResult(metadata=keep(lake, as_of, night))
