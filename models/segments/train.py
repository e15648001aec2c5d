"""k-means on places in the distributions, with the number of groups that is most stable under resampling."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import date

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from .features import Scaling, behaviour, learn_scaling, scale
from .settings import SegmentSettings


@dataclass(frozen=True)
class Word:
    """One word of a name: the column it speaks of, and whether the group is above or below the middle."""

    column: str
    is_above: bool


@dataclass(frozen=True)
class SegmentModel:
    """Scaling, centres, and who the groups are; a customer's segment depends on that customer only.

    centres: groups by columns. ids: number of each group, which it keeps. names, words: what it is called and which
    words that name stands on. next_id: the first number that was never used. looseness: mean squared
    distance of a customer from the centre when the groups were drawn, on drawn_on.
    """

    scaling: Scaling
    centres: np.ndarray
    ids: np.ndarray
    names: dict[int, str]
    words: dict[int, tuple[Word, ...]]
    next_id: int
    drawn_on: date | None
    silhouette: float
    stability: float
    looseness: float

    def points(self, features: pd.DataFrame, settings: SegmentSettings) -> np.ndarray:
        """Where each row of the features stands (rows by columns of the scaling)."""
        missing = [column for column in self.scaling.columns if column not in features.columns]
        known = features.assign(**dict.fromkeys(missing, 0.0)) if missing else features
        return scale(behaviour(known, settings), self.scaling)

    def assign(self, features: pd.DataFrame, settings: SegmentSettings, before: np.ndarray | None = None) -> np.ndarray:
        """Number of each row's segment (n,).

        Args:
            features: one row per customer.
            settings: how large the hysteresis is.
            before: number of the segment each customer was in, 0 for none (n,); it is left only for one clearly nearer.
        """
        found = np.empty(len(features), dtype="int64")
        for start in range(0, len(features), settings.batch):
            rows = slice(start, start + settings.batch)
            distances = _distances(self.points(features.iloc[rows], settings), self.centres)
            found[rows] = self.ids[distances.argmin(axis=1)]
            if before is not None:
                found[rows] = self._kept(distances, found[rows], before[rows], settings)
        return found

    def _kept(
        self, distances: np.ndarray, nearest: np.ndarray, before: np.ndarray, settings: SegmentSettings
    ) -> np.ndarray:
        was = before[:, None] == self.ids[None, :]
        known = was.any(axis=1)
        to_old = np.sqrt(distances[np.arange(len(distances)), was.argmax(axis=1)])
        is_clear = np.sqrt(distances.min(axis=1)) < (1 - settings.hysteresis) * to_old
        return np.where(known & ~is_clear, before, nearest)


def _distances(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Squared distances (points by centres); rounded, so that equally near ones are equal on any machine."""
    return np.column_stack([((points - centre) ** 2).sum(axis=1) for centre in centres]).round(9)


def nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Index of the nearest centre per point; the lower index when two are equally near."""
    return _distances(points, centres).argmin(axis=1)


def looseness(points: np.ndarray, centres: np.ndarray) -> float:
    """Mean squared distance of a point from its nearest centre; 0 without points."""
    return float(_distances(points, centres).min(axis=1).mean()) if len(points) else 0.0


def centres_of(points: np.ndarray, k: int, settings: SegmentSettings, start: np.ndarray | None = None) -> np.ndarray:
    """Centres of k groups; from `start` (k by columns) where it is given, else the best of several random starts."""
    # One thread: partial sums of several threads add up in any order and move the last digits.
    with threadpool_limits(1):
        if start is not None:
            return KMeans(k, init=start, n_init=1, random_state=settings.seed).fit(points).cluster_centers_
        return KMeans(k, n_init=settings.starts, random_state=settings.seed).fit(points).cluster_centers_


def _stability(points: np.ndarray, k: int, settings: SegmentSettings) -> float:
    """Mean agreement of two fits on disjoint halves, measured on all customers; 0 when nobody asks for it."""
    if not settings.stability_repeats:
        return 0.0
    settings = replace(settings, starts=settings.stability_starts)
    agreements = []
    for repeat in range(settings.stability_repeats):
        order = np.random.default_rng([settings.seed, repeat]).permutation(len(points))
        half = len(points) // 2
        first, second = (
            nearest(points, centres_of(points[part], k, settings)) for part in (order[:half], order[half:])
        )
        agreements.append(adjusted_rand_score(first, second))
    return float(np.mean(agreements))


def _silhouette(points: np.ndarray, labels: np.ndarray, settings: SegmentSettings) -> float:
    sample = np.random.default_rng(settings.seed).permutation(len(points))[: settings.silhouette_sample]
    if len(np.unique(labels[sample])) < 2:
        return 0.0
    with threadpool_limits(1):
        return float(silhouette_score(points[sample], labels[sample]))


def drawn_from(features: pd.DataFrame, settings: SegmentSettings) -> pd.DataFrame:
    """The customers the groups are drawn on, ordered by id: all, or those with the lowest hashes of their ids."""
    features = features.sort_values("customer_id", kind="stable", ignore_index=True)
    if len(features) <= settings.drawn_on:
        return features
    hashes = np.array([hashlib.md5(str(customer).encode()).digest()[:8] for customer in features.customer_id])
    return features.iloc[np.sort(np.argsort(hashes, kind="stable")[: settings.drawn_on])].reset_index(drop=True)


def fit(
    features: pd.DataFrame, settings: SegmentSettings, day: date | None = None, before: SegmentModel | None = None
) -> SegmentModel:
    """Draw the groups on one row per customer (customer_features at one as_of), in any order.

    Args:
        features: customer_features of one date.
        settings: what is chosen by.
        day: the date, for the model to know its age.
        before: groups drawn earlier; their number stays while it is steady enough, and they are drawn again from
            where they stand. The ids are not matched here (see `carry`).
    """
    features = drawn_from(features, settings)
    numbers = behaviour(features, settings)
    scaling = learn_scaling(numbers, settings)
    points = scale(numbers, scaling)
    distinct = len(np.unique(points.round(9), axis=0)) if len(points) else 0
    start = before.centres if before is not None and before.scaling.columns == scaling.columns else None

    trials: dict[int, tuple[float, np.ndarray]] = {}
    for k in range(settings.smallest_k, settings.largest_k + 1):
        if len(points) < 2 * k * settings.min_customers_per_segment or distinct < 2 * k:
            break
        centres = centres_of(points, k, settings, start if start is not None and len(start) == k else None)
        sizes = np.bincount(nearest(points, centres), minlength=k)
        if sizes.min() >= max(settings.smallest_share * len(points), 1):
            trials[k] = (_stability(points, k, settings), centres)
    if not trials:
        middle = points.mean(axis=0, keepdims=True) if len(points) else np.zeros((1, points.shape[1]))
        return _model(scaling, middle, points, numbers, day, 0.0, 1.0)
    best = max(round(stability, 6) for stability, _ in trials.values())
    steady = [k for k, (stability, _) in trials.items() if stability >= best - settings.as_steady_within]
    k = max(steady)
    if start is not None and len(start) in trials and trials[len(start)][0] >= settings.kept_above:
        k = len(start)
    stability, centres = trials[k]
    silhouette = _silhouette(points, nearest(points, centres), settings)
    return _model(scaling, centres, points, numbers, day, silhouette, stability)


def _model(
    scaling: Scaling,
    centres: np.ndarray,
    points: np.ndarray,
    numbers: pd.DataFrame,
    day: date | None,
    silhouette: float,
    stability: float,
) -> SegmentModel:
    """The groups numbered from 1, the one that spends most."""
    labels = nearest(points, centres)
    spend = np.log1p((numbers["spend_84d"] if "spend_84d" in numbers else numbers.iloc[:, 0]).clip(lower=0).to_numpy())
    means = np.bincount(labels, weights=spend, minlength=len(centres)) / np.maximum(
        np.bincount(labels, minlength=len(centres)), 1
    )
    centres = centres[np.argsort(-means.round(9), kind="stable")]
    ids = np.arange(1, len(centres) + 1)
    loose = looseness(points, centres)
    return SegmentModel(scaling, centres, ids, {}, {}, len(centres) + 1, day, silhouette, stability, loose)
