"""The whole segment step: judge on the newest known four weeks, refit, assign, name."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ..grades import Judged, grades_table
from .evaluate import explained_share, recency_split
from .score import names, profiles
from .settings import SegmentSettings
from .train import SegmentModel, fit

FOUR_WEEKS = pd.Timedelta(days=28)


@dataclass(frozen=True)
class Segments:
    """Assignments of the newest as_of, one profile row per segment, grades, and the fitted model."""

    assignments: pd.DataFrame
    profiles: pd.DataFrame
    grades: pd.DataFrame
    model: SegmentModel


def judge(features: pd.DataFrame, newest: pd.Timestamp, settings: SegmentSettings) -> list[dict[str, object]]:
    """Share of the next four weeks' spend explained by segments drawn four weeks ago.

    The spend of those weeks is spend_28d at the newest as_of, so nothing of it was known when the
    segments were drawn. Empty when there is no as_of exactly four weeks before.
    """
    before = features[features.as_of == newest - FOUR_WEEKS].reset_index(drop=True)
    after = features[features.as_of == newest][["customer_id", "spend_28d"]]
    both = before.drop(columns="spend_28d").merge(after, on="customer_id", how="inner")
    if len(both) < 2:
        return []
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


def segment(features: pd.DataFrame, settings: SegmentSettings | None = None) -> Segments:
    """Group the customers of the newest as_of in `features` (customer_features, several as_of).

    behaviour_segment_id is 1 for the segment that spends most; the result does not depend on row
    order. With too few customers everybody is in one segment.
    """
    settings = settings or SegmentSettings()
    features = features.copy()
    features["as_of"] = pd.to_datetime(features["as_of"]).astype("datetime64[us]").dt.normalize()
    features["customer_id"] = features["customer_id"].astype(str)
    features = features.sort_values(["as_of", "customer_id"], kind="stable", ignore_index=True)
    columns = ["customer_id", "as_of", "behaviour_segment_id", "behaviour_segment"]
    if features.empty:
        model = fit(features, settings)
        return Segments(pd.DataFrame(columns=columns), pd.DataFrame(), grades_table([]), model)
    newest = features.as_of.max()
    today = features[features.as_of == newest].reset_index(drop=True)
    if today.customer_id.duplicated().any():
        raise ValueError("customer_features: more than one row for a customer and as_of")
    model = fit(today, settings)
    numbers = model.assign(today, settings)
    named = names(model, today, numbers, settings)
    day: date = newest.date()
    assignments = pd.DataFrame(
        {
            "customer_id": today.customer_id,
            "as_of": day,
            "behaviour_segment_id": numbers,
            "behaviour_segment": pd.Series(numbers).map(named),
        },
        columns=columns,
    )
    table = profiles(today, numbers, settings)
    table.insert(1, "behaviour_segment", table.behaviour_segment_id.map(named))
    grades = judge(features, newest, settings)
    about = Judged("behaviour_segments", day, day, day, len(today))
    if len(model.centres) > 1:
        grades.append(about.grade("silhouette", model.silhouette, "random groups", 0.0))
        grades.append(about.grade("stability_adjusted_rand", model.stability, "random groups", 0.0))
    return Segments(assignments, table, grades_table(grades), model)
