"""What each segment is like, in figures and in a name."""

from __future__ import annotations

import numpy as np
import pandas as pd

from .features import behaviour, scale
from .settings import SegmentSettings
from .train import SegmentModel

# For each behaviour: the words for a group well above the middle, and well below it.
WORDS = {
    "orders_84d": ("frequent", "infrequent"),
    "spend_84d": ("high spend", "low spend"),
    "basket_usd": ("large baskets", "small baskets"),
    "distinct_categories_84d": ("wide range", "narrow range"),
    "recency_days": ("quiet lately", "recently here"),
    "discount_share_84d": ("discount seekers", "full price"),
    "coupon_share_84d": ("coupon users", "no coupons"),
    "private_brand_share_84d": ("private brands", "national brands"),
    "weekend_share_84d": ("weekend", "weekday"),
    "web_sessions_84d": ("on the web", "off the web"),
}


def profiles(features: pd.DataFrame, numbers: np.ndarray, settings: SegmentSettings) -> pd.DataFrame:
    """One row per segment: customers, share, and the mean of every behaviour column (raw units)."""
    columns = [c for c in settings.columns if c in features.columns]
    raw = features[columns].apply(pd.to_numeric, errors="coerce").astype("float64").fillna(0.0)
    means = raw.groupby(numbers).mean().round(4)
    sizes = pd.Series(numbers).value_counts().sort_index()
    table = means.rename(columns=lambda column: f"mean_{column}").reindex(sizes.index)
    table.insert(0, "share", (sizes / sizes.sum()).round(6))
    table.insert(0, "customers", sizes.astype("int64"))
    return table.rename_axis("behaviour_segment_id").reset_index()


def names(
    model: SegmentModel, features: pd.DataFrame, numbers: np.ndarray, settings: SegmentSettings
) -> dict[int, str]:
    """A unique name per segment from the behaviours in which it differs most from all customers.

    Two words; more where two segments would share a name.
    """
    if len(model.centres) == 1:
        return {1: "all customers"}
    points = scale(behaviour(features, settings), model.scaling)
    spread = np.where(points.std(axis=0) > 1e-9, points.std(axis=0), 1.0)
    apart = pd.DataFrame((points - points.mean(axis=0)) / spread, columns=model.scaling.columns).groupby(numbers).mean()
    ranked = {
        int(segment): [
            WORDS.get(column, (f"high {column}", f"low {column}"))[0 if row[column] > 0 else 1]
            for column in row.abs().round(6).sort_values(ascending=False, kind="stable").index
        ]
        for segment, row in apart.iterrows()
    }
    chosen = {segment: ", ".join(words[:2]) for segment, words in ranked.items()}
    for length in range(3, len(model.scaling.columns) + 1):
        taken = pd.Series(chosen).value_counts()
        for segment, name in list(chosen.items()):
            if taken[name] > 1:
                chosen[segment] = ", ".join(ranked[segment][:length])
    if len(set(chosen.values())) < len(chosen):
        chosen = {segment: f"{name} ({segment})" for segment, name in chosen.items()}
    return {segment: name[0].upper() + name[1:] for segment, name in chosen.items()}
