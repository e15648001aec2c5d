"""Persona cards as an asset: what each behavioural group is like, worth and good for."""

from datetime import date, timedelta

import dagster as dg
import duckdb

from orchestration.contracts import SEGMENT_PERSONAS
from orchestration.intelligence import plots
from orchestration.intelligence.night import asset
from orchestration.intelligence.profile import profile
from orchestration.lake import Lake

# What the groups spent money on. Categories that are nobody's interest, such as a till's rest, have no name here.
_BASKETS = """
select
    groups.behaviour_segment_id,
    case when lines.product_category in (select product_category from unified.customer_interests)
        then lines.product_category end as product_category,
    cast(sum(lines.sales_usd) as double) as spend_usd,
    count(*) as line_count
from unified.order_lines as lines
inner join scores_behaviour as groups on lines.customer_id = groups.customer_id
where lines.order_date <= $as_of and lines.order_date > $since
group by all
order by all
"""

# How many stood where at the end of each month; who never bought would dwarf the others.
_STAGES = """
select as_of, lifecycle_stage as category, count(*) as value
from unified.customer_lifecycle
where lifecycle_stage <> 'prospect' and as_of <= $as_of
group by all
order by all
"""


def personas_night(warehouse: duckdb.DuckDBPyConnection, lake: Lake, as_of: date) -> dg.MaterializeResult:
    """The cards of tonight's groups, written to the lake."""
    from models.segments import personas

    people = profile(warehouse, lake, as_of).to_pandas()
    baskets = warehouse.sql(_BASKETS, params={"as_of": as_of, "since": as_of - timedelta(days=84)}).df()
    cards = personas(people, baskets, as_of)
    lake.write(f"intelligence/segment_personas/{as_of}.parquet", cards, SEGMENT_PERSONAS)
    shares = cards.set_index("behaviour_segment")[["customer_share", "sales_share"]]
    stages = warehouse.sql(_STAGES, params={"as_of": as_of}).df()
    return dg.MaterializeResult(
        metadata={
            "dagster/row_count": len(cards),
            "cards": dg.MetadataValue.md("\n".join(cards["card"])),
            "shares": plots.bars(shares, "share of customers and of sales", "groups"),
            "lifecycle": plots.nights(stages, "lifecycle", "customers", (None, None)),
        }
    )


@asset(
    "segment_personas",
    "marketing-analytics@example.com",
    [
        "unified/customer_groups",
        "unified/customer_lifecycle",
        "unified/order_lines",
        "intelligence/behaviour_segments",
        "intelligence/churn_scores",
        "intelligence/lifetime_value",
    ],
)
def segment_personas(lake: Lake) -> dg.MaterializeResult:
    """A card per behavioural group: size, value, what sets it apart, typical basket, and why to write to them."""
    with lake.warehouse() as warehouse:
        return personas_night(warehouse, lake, lake.as_of(warehouse))
