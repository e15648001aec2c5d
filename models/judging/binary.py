"""How well probabilities foresaw a yes-or-no outcome.

Every figure is a function of what happened at each distinct score (a tally), so equal scores share what happened
to them in proportion, and neither the order of the rows nor an order among ties can change a figure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

SEED = 2017
# Ten bins, as reliability diagrams usually have; each holds the same number of rows, so none is empty.
BINS = 10
TOP_SHARE = 0.10


@dataclass(frozen=True)
class Tally:
    """Rows and positives at each distinct score, the highest score first; counts are float64 and whole."""

    score: np.ndarray
    rows: np.ndarray
    positives: np.ndarray

    @property
    def prevalence(self) -> float:
        """Share of positives; nan without rows."""
        rows = self.rows.sum()
        return float(self.positives.sum() / rows) if rows else float("nan")

    @property
    def has_both(self) -> bool:
        """Whether both outcomes occurred: without, nothing can be ranked right or wrong."""
        return bool(0 < self.positives.sum() < self.rows.sum())

    def positives_above(self, rows: np.ndarray | float) -> np.ndarray:
        """Positives among the `rows` highest scores; rows of one score count in proportion."""
        return _cumulated(self.positives, self.rows, rows)

    def predicted_above(self, rows: np.ndarray | float) -> np.ndarray:
        """Sum of the scores of the `rows` highest scores."""
        return _cumulated(self.rows * self.score, self.rows, rows)


def _cumulated(values: np.ndarray, rows: np.ndarray, up_to: np.ndarray | float) -> np.ndarray:
    return np.interp(up_to, np.r_[0.0, np.cumsum(rows)], np.r_[0.0, np.cumsum(values)])


def _checked(target: np.ndarray, score: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    target, score = np.asarray(target, dtype="float64"), np.asarray(score, dtype="float64")
    if target.shape != score.shape or target.ndim != 1:
        raise ValueError(f"one outcome per score: {target.shape} outcomes, {score.shape} scores")
    if not np.isin(target, (0.0, 1.0)).all():
        raise ValueError("an outcome is 0 or 1: leave out the rows whose outcome is not known yet")
    if not np.isfinite(score).all():
        raise ValueError("a score is a finite number: leave out the rows without a score")
    return target, score


def tally(target: np.ndarray, score: np.ndarray) -> Tally:
    """Count 0/1 `target` at each distinct `score`; raises ValueError on anything else than 0, 1 and finite scores."""
    target, score = _checked(target, score)
    values, place = np.unique(-score, return_inverse=True)
    return Tally(-values, np.bincount(place, minlength=len(values)).astype("float64"), np.bincount(place, target))


def auc(counted: Tally) -> float:
    """Area under the ROC curve: chance that a positive scores above a negative, ties half (Mann-Whitney U)."""
    if not counted.has_both:
        return float("nan")
    negatives = counted.rows - counted.positives
    below = negatives.sum() - np.cumsum(negatives)
    pairs = counted.positives.sum() * negatives.sum()
    return float((counted.positives * (below + negatives / 2)).sum() / pairs)


def pr_auc(counted: Tally) -> float:
    """Average precision: the precision at each score, weighted by the positives found there; nan without positives."""
    if not counted.positives.sum():
        return float("nan")
    reached = np.cumsum(counted.rows)
    precision = np.divide(np.cumsum(counted.positives), reached, out=np.zeros_like(reached), where=reached > 0)
    return float((precision * counted.positives).sum() / counted.positives.sum())


def brier(counted: Tally) -> float:
    """Mean squared distance of the probability from what happened (Brier 1950)."""
    if not counted.rows.sum():
        return float("nan")
    missed = (counted.rows - counted.positives) * counted.score**2 + counted.positives * (1 - counted.score) ** 2
    return float(missed.sum() / counted.rows.sum())


def lift(counted: Tally, share: float = TOP_SHARE) -> float:
    """Positives among the top `share` of the scores over those of as many rows drawn blindly; 1 is chance."""
    if not counted.positives.sum():
        return float("nan")
    return float(counted.positives_above(share * counted.rows.sum()) / share / counted.positives.sum())


def reliability(counted: Tally, bins: int = BINS) -> dict[str, np.ndarray]:
    """Mean predicted and observed per bin of equal count, the lowest scores first, with the rows of a bin."""
    total = counted.rows.sum()
    edges = total * np.arange(bins + 1) / bins
    size = max(total / bins, 1e-300)
    return {
        "predicted": np.diff(counted.predicted_above(edges))[::-1] / size,
        "observed": np.diff(counted.positives_above(edges))[::-1] / size,
        "rows": np.full(bins, total / bins),
    }


def expected_calibration_error(counted: Tally, bins: int = BINS) -> float:
    """Mean over bins of equal count of |mean predicted - share observed| (Naeini et al. 2015, equal-count bins).

    Chance alone gives about sqrt(2 q (1 - q) bins / (pi n)) to n rows of perfect probabilities around q.
    """
    if not counted.rows.sum():
        return float("nan")
    by_bin = reliability(counted, bins)
    return float(np.abs(by_bin["predicted"] - by_bin["observed"]).mean())


# Name of each figure, how it is computed, and whether more is better.
METRICS: dict[str, Callable[[Tally], float]] = {
    "auc": auc,
    "pr_auc": pr_auc,
    "brier": brier,
    "calibration_error": expected_calibration_error,
    "lift_at_10_percent": lift,
}
HIGHER_IS_BETTER = {
    "auc": True,
    "pr_auc": True,
    "brier": False,
    "calibration_error": False,
    "lift_at_10_percent": True,
}


def measure(target: np.ndarray, score: np.ndarray, metrics: Iterable[str] = tuple(METRICS)) -> dict[str, float]:
    """All figures of 0/1 `target` against probabilities `score`; nan where the rows cannot say."""
    counted = tally(target, score)
    return {name: METRICS[name](counted) for name in metrics}


def resampled(
    customers: np.ndarray,
    target: np.ndarray,
    scores: Mapping[str, np.ndarray],
    metrics: Iterable[str] = tuple(METRICS),
    resamples: int = 200,
    seed: int = SEED,
) -> dict[str, dict[str, np.ndarray]]:
    """Figures of each model in `scores` on customers drawn with replacement: {model: {metric: float64[resamples]}}.

    A customer's rows are drawn together, because they are alike. All models see the same draws, so that their
    difference can be judged too (`[a] - [b]`).
    """
    metrics = list(metrics)
    people, person = np.unique(np.asarray(customers).astype(str), return_inverse=True)
    places = {}
    for name, score in scores.items():
        target, score = _checked(target, score)
        values, place = np.unique(-score, return_inverse=True)
        places[name] = (-values, place)
    draws = np.random.default_rng(seed)
    found = {name: {metric: np.full(resamples, np.nan) for metric in metrics} for name in scores}
    for number in range(resamples if len(people) else 0):
        drawn = np.bincount(draws.integers(0, len(people), len(people)), minlength=len(people))
        weight = drawn[person].astype("float64")
        for name, (values, place) in places.items():
            rows = np.bincount(place, weight, minlength=len(values))
            counted = Tally(values, rows, np.bincount(place, weight * target, minlength=len(values)))
            for metric in metrics:
                found[name][metric][number] = METRICS[metric](counted)
    return found


def interval(figures: np.ndarray, level: float = 0.95) -> tuple[float, float]:
    """The percentile interval of resampled figures (Efron and Tibshirani 1993); nan where none could be computed."""
    known = figures[np.isfinite(figures)]
    if not len(known):
        return float("nan"), float("nan")
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def intervals(
    customers: np.ndarray,
    target: np.ndarray,
    score: np.ndarray,
    metrics: Iterable[str] = tuple(METRICS),
    resamples: int = 200,
    seed: int = SEED,
    level: float = 0.95,
) -> dict[str, tuple[float, float]]:
    """Percentile-bootstrap interval of each figure, by customer, the same in every run and for any row order."""
    found = resampled(customers, target, {"model": score}, metrics, resamples, seed)["model"]
    return {metric: interval(figures, level) for metric, figures in found.items()}
