"""Do the segments say anything about tomorrow, and does anybody change them who did not change?"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from ..grades import Judged
from .carry import Before
from .settings import SegmentSettings
from .train import SegmentModel, fit

FOUR_WEEKS = pd.Timedelta(days=28)


def explained_share(groups: np.ndarray, values: np.ndarray) -> float:
    """Share of the variance of `values` that lies between groups (eta squared); 0 to 1, higher is better."""
    total = ((values - values.mean()) ** 2).sum()
    if total <= 0:
        return 0.0
    table = pd.DataFrame({"group": groups, "value": values}).groupby("group").value.agg(["mean", "size"])
    return float((table["size"] * (table["mean"] - values.mean()) ** 2).sum() / total)


def recency_split(recency_days: pd.Series, k: int) -> np.ndarray:
    """The naive rival: the same number of groups, equally large, by days since the last order."""
    ranks = recency_days.fillna(recency_days.max()).rank(method="average", pct=True).to_numpy()
    return np.minimum((ranks * k).astype("int64"), k - 1)


def next_spend_explained(
    features: pd.DataFrame, newest: pd.Timestamp, k: int, settings: SegmentSettings
) -> list[dict[str, object]]:
    """Share of the next four weeks' spend explained by k segments drawn four weeks ago.

    The spend of those weeks is spend_28d at the newest as_of, so nothing of it was known when the
    segments were drawn. Empty when there is no as_of exactly four weeks before.
    """
    before = features[features.as_of == newest - FOUR_WEEKS].reset_index(drop=True)
    after = features[features.as_of == newest][["customer_id", "spend_28d"]]
    both = before.drop(columns="spend_28d").merge(after, on="customer_id", how="inner")
    if len(both) < 2:
        return []
    settings = replace(settings, smallest_k=k, largest_k=k, stability_repeats=0)
    model = fit(before, settings)
    groups = model.assign(both, settings)
    spend = np.log1p(both.spend_28d.astype("float64").fillna(0.0).clip(lower=0).to_numpy())
    rival = recency_split(both.recency_days.astype("float64"), len(model.centres))
    day = newest.date()
    about = Judged("behaviour_segments", day, (newest - FOUR_WEEKS + pd.Timedelta(days=1)).date(), day, len(both))
    words = f"{len(model.centres)} equal groups by recency"
    return [
        about.grade("next_28d_spend_explained", explained_share(groups, spend), words, explained_share(rival, spend))
    ]


def same_as_before(
    before: Before, model: SegmentModel, today: pd.DataFrame, numbers: np.ndarray, settings: SegmentSettings
) -> tuple[float, float, int]:
    """Of tonight's customers who had a segment: the share still in it, with and without hysteresis, and how many."""
    was = before.segments_of(today.customer_id)
    known = was > 0
    if not known.any():
        return 1.0, 1.0, 0
    forgetful = model.assign(today[known], settings)
    return float((numbers[known] == was[known]).mean()), float((forgetful == was[known]).mean()), int(known.sum())
