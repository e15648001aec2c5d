"""The segments that a company declares in segments.yml, as an asset: members, order of importance, overlap."""

from collections.abc import Sequence
from datetime import date

import dagster as dg
import duckdb

from models.segments import CustomSegment
from orchestration.contracts import CUSTOM_SEGMENTS, SEGMENT_OVERLAP
from orchestration.dbt import WAREHOUSE_POOL
from orchestration.intelligence.profile import profile
from orchestration.lake import Lake

_OWNER = ["marketing-analytics@example.com"]
_DEPS = [
    "unified/customer_groups",
    "unified/customer_lifecycle",
    "unified/customer_360",
    "intelligence/behaviour_segments",
    "intelligence/churn_scores",
    "intelligence/lifetime_value",
    "staged/run_date",
]


def custom_segments_night(
    warehouse: duckdb.DuckDBPyConnection, lake: Lake, as_of: date, segments: Sequence[CustomSegment]
) -> dict[str, object]:
    """Writes members and overlap of tonight to the lake; returns the metadata for the UI."""
    from models.segments import custom_segments

    found = custom_segments(profile(warehouse, lake, as_of), as_of, segments)
    lake.write(f"intelligence/custom_segments/{as_of}.parquet", found.members, CUSTOM_SEGMENTS)
    lake.write(f"intelligence/segment_overlap/{as_of}.parquet", found.overlap, SEGMENT_OVERLAP)
    sizes = found.members["segment"].value_counts()
    about = [
        f"| {one.priority} | {one.name} | {sizes.get(one.name, 0):,} | {one.description} |"
        for one in sorted(segments, key=lambda one: one.priority)
    ]
    matrix = found.overlap.pivot(index="segment", columns="other_segment", values="customers_in_both")
    return {
        "dagster/row_count": len(found.members),
        "segments": dg.MetadataValue.md(
            "\n".join(["| priority | segment | customers | description |", "|---|---|---|---|", *about])
        ),
        "overlap": dg.MetadataValue.md(
            matrix.astype("Int64").fillna(0).to_markdown() if len(matrix) else "fewer than two segments"
        ),
    }


def build_custom_segments(segments: Sequence[CustomSegment]) -> dg.AssetsDefinition:
    """The asset for what segments.yml declares."""

    @dg.multi_asset(
        name="intelligence__custom_segments",
        specs=[
            dg.AssetSpec(
                key=["intelligence", name],
                group_name="intelligence",
                owners=_OWNER,
                kinds={"python", "duckdb", "parquet"},
                description=words,
                deps=[dg.AssetKey(one.split("/")) for one in _DEPS],
            )
            for name, words in (
                ("custom_segments", "Members of the segments declared in segments.yml, and which counts first."),
                ("segment_overlap", "How far the declared segments overlap, two by two."),
            )
        ],
        pool=WAREHOUSE_POOL,
    )
    def declared_segments(lake: Lake):
        """Who is in which declared segment tonight."""
        with lake.warehouse() as warehouse:
            said = custom_segments_night(warehouse, lake, lake.as_of(warehouse), segments)
        overlap = {"overlap": said.pop("overlap")}
        yield dg.MaterializeResult(asset_key=["intelligence", "custom_segments"], metadata=said)
        yield dg.MaterializeResult(asset_key=["intelligence", "segment_overlap"], metadata=overlap)

    return declared_segments
