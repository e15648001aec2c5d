"""Judging by rolling origin: at each judged origin, choice, intervals and bounds from what was known by then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ..grades import Judged, grades_table
from ..judging import series as judging
from . import intervals
from .bounds import caps
from .candidates import MEANS, NAIVE
from .choose import Demoted, Rolled, choose, scores, serve
from .classes import MODELLED, classify
from .covered import Covered
from .settings import DemandSettings

NAIVE_INTERVAL = "seasonal naive with its past errors"
BASELINES = {NAIVE: "seasonal naive", MEANS[8]: "mean of the last eight periods"}


@dataclass(frozen=True)
class Judgement:
    """Served forecasts and bounds at the judged origins: (judged, horizon, nodes), bounds (judged, shares, 2, …).

    places: of the judged origins. covered: how often their bounds held. figures: metric to (value, {baseline: value}).
    verdicts: of a (tier, class), why the models must not serve it; those that beat the baselines are not in it.
    """

    places: list[int]
    covered: Covered
    served: np.ndarray
    bounds: np.ndarray
    figures: dict[str, tuple[float, dict[str, float]]]
    verdicts: Demoted


def judge(rolled: Rolled, settings: DemandSettings) -> Judgement:
    """Forecasts as they would have been served at every origin of the judged blocks, and their figures."""
    horizon, served, bounds, places = rolled.actual.shape[1], [], [], []
    covered = Covered(rolled)
    for first, end in rolled.origins.blocks[1:-1]:
        choice = choose(rolled, first, settings)
        cap = caps(rolled.panel, int(rolled.origins.at[first]), horizon)
        made = serve(rolled, choice, first, end, cap)
        for place in range(first, end):
            places.append(place)
            served.append(made[place - first])
            wide = intervals.grid(rolled, choice, place, made[place - first], cap, settings)
            bounds.append(covered.at(place, wide))
            covered.add(place, wide)
    if not places:
        return Judgement([], covered, np.empty(0), np.empty(0), {}, {})
    made, within = np.stack(served), np.stack(bounds)
    figures = _figures(rolled, places, made, within)
    return Judgement(places, covered, made, within, figures, _verdicts(rolled, places, made, settings))


def _verdicts(rolled: Rolled, places: list[int], made: np.ndarray, settings: DemandSettings) -> dict:
    """Of every (tier, class) whose served forecasts did not beat a baseline at the judged origins: which, in words."""
    data, found = rolled.panel, {}
    classes = classify(data.clean, settings)
    for name in MODELLED:
        for above in (0, 1):
            nodes = np.flatnonzero((classes == name) & (np.minimum(data.tree.level, 1) == above))
            if not len(nodes):
                continue
            at = np.ix_(places, nodes)
            about = (rolled.scale[at], rolled.worth[at], settings.error_clip)
            actual = rolled.actual[places][:, :, nodes]
            reached = scores(actual, made[:, :, nodes], *about)
            for baseline, words in BASELINES.items():
                if not reached < scores(actual, rolled.made[baseline][places][:, :, nodes], *about):
                    found[above, name] = f"the models did not beat the {words} out of time"
    return found


def _figures(rolled: Rolled, places: list[int], made: np.ndarray, within: np.ndarray) -> dict:
    actual, scale, worth = rolled.actual[places], rolled.scale[places], rolled.worth[places]
    levels, change = rolled.panel.tree.level, rolled.panel.change_at(rolled.origins.at[places])

    def measure(forecast: np.ndarray) -> dict[str, float]:
        errors = judging.rmsse(actual, forecast, scale)
        absolute = judging.mase(actual, forecast, change)
        off = judging.bias(actual, forecast, scale)
        return {
            "wrmsse": judging.wrmsse(actual, forecast, scale, worth, levels),
            "rmsse": _mean(errors),
            "mase": _mean(absolute),
            "bias": off,
        }

    mine = measure(made)
    others = {words: measure(rolled.made[name][places]) for name, words in BASELINES.items()}
    figures = {metric: (mine[metric], {words: o[metric] for words, o in others.items()}) for metric in mine}
    for place, share in enumerate(intervals.SHARES):
        covered = judging.coverage(actual, within[:, place, 0], within[:, place, 1])
        figures[f"coverage_{share * 100:.0f}"] = (covered, {"share intended": share})
        ends = (within[:, place], np.stack([naive_interval(rolled, other, share) for other in places]))
        width = [_mean(judging.interval_score(actual, b[:, 0], b[:, 1], share, change)) for b in ends]
        figures[f"interval_score_{share * 100:.0f}"] = (width[0], {NAIVE_INTERVAL: width[1]})
    return figures


def naive_interval(rolled: Rolled, place: int, share: float) -> np.ndarray:
    """The naive forecast and its own errors at older origins as they were known, of each node: (2, horizon, nodes).

    Ends are conformal quantiles over all horizons, never below 0; NaN for a node without a known error.
    """
    made = rolled.made[NAIVE]
    error = (rolled.known_at(place) - made[:place]).reshape(-1, made.shape[2])
    error = np.sort(error, axis=0)  # unknown ones last
    count = (~np.isnan(error)).sum(axis=0)
    if not len(error):
        return np.full((2, *made.shape[1:]), np.nan)
    beyond = np.clip(np.ceil((count + 1) * (1.0 + share) / 2).astype("int64"), 1, np.maximum(count, 1))
    nodes = np.arange(len(count))
    moved = np.stack([error[np.maximum(count - beyond, 0), nodes], error[beyond - 1, nodes]])
    return np.maximum(made[place] + moved[:, None], 0.0)


def _mean(values: np.ndarray) -> float:
    return float(np.nanmean(values)) if np.isfinite(values).any() else np.nan


def grades(judged: Judgement, rolled: Rolled, day: date) -> pd.DataFrame:
    """One row per figure and baseline."""
    if not judged.places:
        return grades_table([])
    data, horizon = rolled.panel, rolled.actual.shape[1]
    at = rolled.origins.at[judged.places]
    newest = min(int(at[-1]) + horizon, data.length - 1)
    first, after = data.periods.start(data.first + np.array([int(at[0]) + 1, newest + 1]))
    about = Judged(
        "demand",
        day,
        pd.Timestamp(first).date(),
        (pd.Timestamp(after) - pd.Timedelta(days=1)).date(),
        int((~np.isnan(rolled.actual[judged.places])).sum()),
    )
    return grades_table(
        [
            about.grade(metric, value, words, other)
            for metric, (value, beside) in judged.figures.items()
            for words, other in beside.items()
            if np.isfinite(value)
        ]
    )
