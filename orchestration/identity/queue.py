"""The review queue in the lake, and what the UI shows of it: keys and levels of likeness, never a value."""

from __future__ import annotations

from collections.abc import Mapping

import dagster as dg
import pandas as pd
import pyarrow as pa

from models.identity import IdentitySettings, Overrides, Resolution, review_queue
from orchestration.contracts import REVIEW_QUEUE
from orchestration.lake import Lake

QUEUE = "identity/review_queue.parquet"
# An hour's work; the next night asks anew, with what was learnt.
_SIZE = 100
_SHOWN = 20


def write_queue(
    lake: Lake,
    resolution: Resolution,
    settings: IdentitySettings,
    overrides: Overrides,
    names: Mapping[str, str],
    published: pa.Table,
) -> pd.DataFrame:
    """Work the queue out and keep it. `published`: record_key and sales_usd, the money of the last publication."""
    revenue = dict(
        zip(published["record_key"].to_pylist(), map(float, published["sales_usd"].to_pylist()), strict=True)
    )
    queue = review_queue(resolution, _SIZE, overrides.decisions, settings=settings, revenue=revenue)
    for side in ("l", "r"):
        queue[f"record_{side}"] = queue[f"record_key_{side}"].map(dict(names)).astype("str")
    lake.write(QUEUE, queue, REVIEW_QUEUE)
    return queue


def about_queue(queue: pd.DataFrame) -> dict[str, dg.MetadataValue | int]:
    """Pairs by why they are asked, and the first of them."""
    shown = queue.head(_SHOWN)[["record_l", "record_r", "match_probability", "why", "records", "revenue_usd", "levels"]]
    by_why = queue["why"].value_counts().sort_index()
    return {
        "dagster/row_count": len(queue),
        "pairs_by_why": dg.MetadataValue.md(by_why.to_frame("pairs").to_markdown()),
        "first_pairs": dg.MetadataValue.md(shown.to_markdown(index=False)),
        "how": dg.MetadataValue.md('`make review BY="your name"` shows the records side by side and keeps each answer'),
    }
