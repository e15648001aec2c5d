"""k-means on scaled behaviour, with the number of groups that is both stable and distinct."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from threadpoolctl import threadpool_limits

from .features import Scaling, behaviour, learn_scaling, scale
from .settings import SegmentSettings


@dataclass(frozen=True)
class SegmentModel:
    """Scaling and centres; a customer's segment depends on that customer only.

    Centres are ordered by the mean spend of their members, the highest first.
    """

    scaling: Scaling
    centres: np.ndarray
    silhouette: float
    stability: float

    def assign(self, features: pd.DataFrame, settings: SegmentSettings) -> np.ndarray:
        """Segment number per row, 1 for the segment that spends most."""
        if len(self.centres) == 1:
            return np.ones(len(features), dtype="int64")
        return nearest(scale(behaviour(features, settings), self.scaling), self.centres) + 1


def nearest(points: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Index of the nearest centre per point; the lower index when two are equally near."""
    return ((points[:, None, :] - centres[None, :, :]) ** 2).sum(axis=2).round(9).argmin(axis=1)


def _centres(points: np.ndarray, k: int, settings: SegmentSettings) -> np.ndarray:
    # One thread: partial sums of several threads add up in any order and move the last digits.
    with threadpool_limits(1):
        return KMeans(k, n_init=settings.starts, random_state=settings.seed).fit(points).cluster_centers_


def _stability(points: np.ndarray, k: int, settings: SegmentSettings) -> float:
    """Mean agreement of two fits on disjoint halves, measured on all customers."""
    agreements = []
    for repeat in range(settings.stability_repeats):
        order = np.random.default_rng([settings.seed, repeat]).permutation(len(points))
        half = len(points) // 2
        first, second = (nearest(points, _centres(points[part], k, settings)) for part in (order[:half], order[half:]))
        agreements.append(adjusted_rand_score(first, second))
    return float(np.mean(agreements))


def _silhouette(points: np.ndarray, labels: np.ndarray, settings: SegmentSettings) -> float:
    if len(np.unique(labels)) < 2:
        return 0.0
    sample = np.random.default_rng(settings.seed).permutation(len(points))[: settings.silhouette_sample]
    if len(np.unique(labels[sample])) < 2:
        return 0.0
    with threadpool_limits(1):
        return float(silhouette_score(points[sample], labels[sample]))


def fit(features: pd.DataFrame, settings: SegmentSettings) -> SegmentModel:
    """Fit on one row per customer (customer_features at one as_of), in any order."""
    features = features.sort_values("customer_id", kind="stable", ignore_index=True)
    numbers = behaviour(features, settings)
    scaling = learn_scaling(numbers, settings)
    points = scale(numbers, scaling) if scaling.columns else np.zeros((len(numbers), 1))
    distinct = len(np.unique(points.round(9), axis=0)) if len(points) else 0
    spend = numbers["spend_84d"].to_numpy() if "spend_84d" in numbers else points[:, 0]

    trials = []
    for k in range(settings.smallest_k, settings.largest_k + 1):
        if len(points) < 2 * k * settings.min_customers_per_segment or distinct < 2 * k:
            break
        centres = _centres(points, k, settings)
        labels = nearest(points, centres)
        sizes = np.bincount(labels, minlength=k)
        if sizes.min() < max(settings.smallest_share * len(points), 1):
            continue
        means = np.bincount(labels, weights=spend, minlength=k) / sizes
        centres = centres[np.argsort(-means, kind="stable")]
        trials.append((_stability(points, k, settings), _silhouette(points, labels, settings), k, centres))
    if not trials:
        return SegmentModel(scaling, np.zeros((1, points.shape[1])), 0.0, 1.0)
    steady = [trial for trial in trials if trial[0] >= settings.wanted_stability]
    # Nothing steady enough: the steadiest there is.
    best = max(steady, key=lambda trial: (round(trial[1], 6), -trial[2])) if steady else max(trials, key=lambda t: t[0])
    return SegmentModel(scaling, best[3], best[1], best[0])
