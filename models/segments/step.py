"""The whole segment step: carry last night's groups on or draw them anew, assign, name, judge."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from ..grades import Judged, grades_table
from .carry import Before, matched, why_redraw
from .evaluate import next_spend_explained, same_as_before
from .naming import apart, named
from .settings import SegmentSettings
from .state import STATE_COLUMNS, state_table
from .train import SegmentModel, fit

ASSIGNED = ["customer_id", "as_of", "behaviour_segment_id", "behaviour_segment"]


@dataclass(frozen=True)
class Segments:
    """Assignments of the newest as_of, one profile row per segment, grades, and the model with its state.

    note: in words, whether the groups were carried on or drawn, and why.
    """

    assignments: pd.DataFrame
    profiles: pd.DataFrame
    grades: pd.DataFrame
    model: SegmentModel
    state: pd.DataFrame
    note: str


def segment(features: pd.DataFrame, settings: SegmentSettings | None = None, before: Before | None = None) -> Segments:
    """Group the customers of the newest as_of in `features` (customer_features, several as_of).

    Args:
        features: rows in any order; the result does not depend on it.
        settings: what is chosen by.
        before: what an earlier night left. Its groups, ids and names are carried on. Without it behaviour_segment_id
            is 1 for the segment that spends most.

    With too few customers everybody is in one segment.

    Raises:
        ValueError: a customer is there twice on one date, or no behaviour column is there.
    """
    settings = settings or SegmentSettings()
    features = features.copy()
    features["as_of"] = pd.to_datetime(features["as_of"]).astype("datetime64[us]").dt.normalize()
    features["customer_id"] = features["customer_id"].astype(str)
    features = features.sort_values(["as_of", "customer_id"], kind="stable", ignore_index=True)
    if features.empty:
        model = fit(features, settings)
        nobody = pd.DataFrame(columns=ASSIGNED), pd.DataFrame(), grades_table([])
        return Segments(*nobody, model, pd.DataFrame(columns=STATE_COLUMNS), "nobody has bought yet")
    newest = features.as_of.max()
    day: date = newest.date()
    today = features[features.as_of == newest].reset_index(drop=True)
    if today.customer_id.duplicated().any():
        raise ValueError("customer_features: more than one row for a customer and as_of")
    model, note = _tonights(today, day, settings, before)
    was = before.segments_of(today.customer_id) if before is not None else None
    numbers = model.assign(today, settings, was)
    names, words = named(
        model.ids,
        apart(model.points(today, settings), numbers, model.scaling.columns or [""]),
        before and before.model,
        settings,
    )
    model = replace(model, names=names, words=words)
    assignments = pd.DataFrame(
        {
            "customer_id": today.customer_id,
            "as_of": day,
            "behaviour_segment_id": numbers,
            "behaviour_segment": pd.Series(numbers).map(names),
        },
        columns=ASSIGNED,
    )
    table = profiles(today, numbers, settings)
    table.insert(1, "behaviour_segment", table.behaviour_segment_id.map(names))
    grades = _grades(features, newest, today, numbers, model, before, settings)
    return Segments(assignments, table, grades_table(grades), model, state_table(model), note)


def _tonights(
    today: pd.DataFrame, day: date, settings: SegmentSettings, before: Before | None
) -> tuple[SegmentModel, str]:
    if before is None:
        return fit(today, settings, day), "drawn for the first time"
    why = why_redraw(before.model, today, day, settings)
    if not why:
        return before.model, f"carried on, as drawn on {before.model.drawn_on}"
    model = matched(before, fit(today, settings, day, before.model), today, settings)
    carried = len(set(model.ids.tolist()) & set(before.model.ids.tolist()))
    return model, f"drawn anew ({why}); {carried} of {len(model.ids)} groups continue one of before"


def profiles(features: pd.DataFrame, numbers: np.ndarray, settings: SegmentSettings) -> pd.DataFrame:
    """One row per segment: customers, share, and the mean of every behaviour column (raw units)."""
    columns = [c for c in settings.columns if c in features.columns]
    raw = features[columns].apply(pd.to_numeric, errors="coerce").astype("float64")
    raw = raw.replace([np.inf, -np.inf], np.nan).fillna(0.0)
    means = raw.groupby(numbers).mean().round(4)
    sizes = pd.Series(numbers).value_counts().sort_index()
    table = means.rename(columns=lambda column: f"mean_{column}").reindex(sizes.index)
    table.insert(0, "share", (sizes / sizes.sum()).round(6))
    table.insert(0, "customers", sizes.astype("int64"))
    return table.rename_axis("behaviour_segment_id").reset_index()


def _grades(
    features: pd.DataFrame,
    newest: pd.Timestamp,
    today: pd.DataFrame,
    numbers: np.ndarray,
    model: SegmentModel,
    before: Before | None,
    settings: SegmentSettings,
) -> list[dict[str, object]]:
    day = newest.date()
    grades = next_spend_explained(features, newest, len(model.centres), settings)
    about = Judged("behaviour_segments", day, day, day, len(today))
    if len(model.centres) > 1:
        grades.append(about.grade("silhouette", model.silhouette, "random groups", 0.0))
        grades.append(about.grade("stability_adjusted_rand", model.stability, "random groups", 0.0))
    if before is not None:
        kept, forgetful, known = same_as_before(before, model, today, numbers, settings)
        about = Judged("behaviour_segments", day, day, day, known)
        grades.append(about.grade("same_as_last_night", kept, "nearest group, last night forgotten", forgetful))
    return grades
