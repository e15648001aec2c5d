"""Carrying segments from one night to the next: when they are drawn anew, and which new group is which old one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd

from .features import behaviour
from .settings import SegmentSettings
from .train import SegmentModel, looseness, nearest


@dataclass(frozen=True)
class Before:
    """What an earlier night left: its model, and customer_id, behaviour_segment_id of its customers."""

    model: SegmentModel
    assignments: pd.DataFrame

    def segments_of(self, customers: pd.Series) -> np.ndarray:
        """Number of the segment each customer was in, 0 for who was in none (n,)."""
        known = self.assignments.drop_duplicates("customer_id").set_index("customer_id").behaviour_segment_id
        return known.reindex(customers).fillna(0).astype("int64").to_numpy()


def why_redraw(model: SegmentModel, features: pd.DataFrame, day: date, settings: SegmentSettings) -> str:
    """Why tonight's groups must be drawn anew, in words; empty when the earlier ones still serve."""
    if len(model.centres) == 1:
        return "there was one group only"
    numbers = behaviour(features, settings)
    now = [column for column in numbers.columns if numbers[column].nunique() > 1]
    if set(now) != set(model.scaling.columns):
        return "other columns are known"
    age = (day - model.drawn_on).days if model.drawn_on else settings.redraw_after_days
    if age >= settings.redraw_after_days:
        return f"drawn {age} days ago"
    loose = looseness(model.points(features, settings), model.centres)
    if loose > model.looseness * (1 + settings.redraw_when_looser_by):
        return f"customers are {loose / max(model.looseness, 1e-9) - 1:.0%} further from their groups than they were"
    return ""


def matched(before: Before, drawn: SegmentModel, features: pd.DataFrame, settings: SegmentSettings) -> SegmentModel:
    """`drawn` with the ids of the groups that it continues.

    Old and new groups of tonight's customers are paired so that together they overlap most (Hungarian method on the
    Jaccard index, Kuhn 1955). A pair that overlaps too little is no continuation: the new group gets an unused id.
    """
    from scipy.optimize import linear_sum_assignment

    old = before.model.assign(features, settings, before.segments_of(features.customer_id))
    new = nearest(drawn.points(features, settings), drawn.centres)
    old_ids, k = before.model.ids, len(drawn.centres)
    both = np.array([np.bincount(new[old == segment], minlength=k) for segment in old_ids], dtype="float64")
    either = both.sum(axis=1, keepdims=True) + both.sum(axis=0, keepdims=True) - both
    overlap = (both / np.maximum(either, 1.0)).round(9)
    ids = np.zeros(k, dtype="int64")
    for row, column in zip(*linear_sum_assignment(-overlap), strict=True):
        if overlap[row, column] >= settings.same_segment_overlap:
            ids[column] = old_ids[row]
    new_ones = np.flatnonzero(ids == 0)
    ids[new_ones] = before.model.next_id + np.arange(len(new_ones))
    return replace(drawn, ids=ids, next_id=before.model.next_id + len(new_ones))
