"""Grade a past forecast of demand by what was sold, beside the naive forecast: all series, by level, by class.

Errors are scaled by how much each series changed from period to period before the forecast (Hyndman and Koehler 2006),
and weighed by its sales of the last 28 days before it, as in M5.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ..judging import binary, series
from .grade import ALL, About, as_table, not_judged
from .settings import ScorecardSettings

_INTENDED = {"coverage_80": 0.80, "coverage_95": 0.95}
# A rest of a category is other products on another day: its sums are judged with the category.
_CHANGING = "rest_of_category"
_PERIOD_DAYS = {"week": 7, "day": 1}
_WEIGHT_DAYS = 28


class _Judged:
    """Matrices (periods, series) of one forecast; scale, weight and names per series."""

    def __init__(self, rows: pd.DataFrame, history: pd.DataFrame, as_of: pd.Timestamp, days: int) -> None:
        key = ["level", "series_id"]
        self.series = rows.drop_duplicates(key)[[*key, "series_class"]].reset_index(drop=True)
        index = pd.MultiIndex.from_frame(self.series[key])

        def wide(table: pd.DataFrame, column: str) -> np.ndarray:
            spread = table.pivot(index="period_start", columns=key, values=column)
            return spread.reindex(columns=index).to_numpy("float64")

        names = {
            name: wide(rows, f"{name}_units")
            for name in ("forecast", "naive", "lower_80", "upper_80", "lower_95", "upper_95")
        }
        self.forecast, self.naive = names["forecast"], names["naive"]
        self.ends = {level: (names[f"lower_{level}"], names[f"upper_{level}"]) for level in ("80", "95")}
        self.actual = wide(rows, "units")
        starts = pd.to_datetime(history["period_start"])
        known = starts + pd.Timedelta(days=days - 1) <= as_of
        past = wide(history[known], "units")
        change = np.diff(past, axis=0)
        self.squared, self.absolute = (_mean(one) for one in (change**2, np.abs(change)))
        lately = known & (starts > as_of - pd.Timedelta(days=_WEIGHT_DAYS + days - 1))
        self.weight = np.nan_to_num(wide(history[lately], "sales_usd")).sum(axis=0)

    def errors(self, predicted: np.ndarray) -> dict[str, np.ndarray]:
        """RMSSE and MASE of each series."""
        return {
            "rmsse": series.rmsse(self.actual, predicted, self.squared),
            "mase": series.mase(self.actual, predicted, self.absolute),
        }


def grade_demand(
    about: About, answers: pd.DataFrame, history: pd.DataFrame, settings: ScorecardSettings | None = None
) -> pd.DataFrame:
    """Scorecard of the forecasts of one date.

    Args:
        about: task, date and place; the task says the frequency and how many periods are judged.
        answers: kept rows of that date: frequency, level, series_id, period_start, horizon, forecast_units,
            naive_units, the ends of both intervals, series_class.
        history: frequency, level, series_id, period_start, units (empty: could not be bought) and sales_usd, to the
            end of the horizon at least; what was before as_of gives scales and weights.
        settings: resamples and sizes.

    Returns rows of SCORECARD_COLUMNS. Series that are not followed any more, and periods in which nothing could be
    bought, are told by `not_judged`, a share; it is the only row when nothing can be judged.
    """
    settings, task = settings or ScorecardSettings(), about.task
    if "level" not in answers:  # kept before forecasts had levels
        return as_table([not_judged(about, len(answers), len(answers))], settings)
    asked = answers[(answers["frequency"] == task.frequency) & (answers["horizon"] <= task.length)]
    asked = asked[asked["level"] != _CHANGING]
    history = history[history["frequency"] == task.frequency]
    key = ["level", "series_id", "period_start"]
    rows = asked.assign(period_start=pd.to_datetime(asked["period_start"])).merge(
        history.assign(period_start=pd.to_datetime(history["period_start"]))[[*key, "units"]], on=key, how="left"
    )
    known = rows["units"].notna()
    left_out = not_judged(about, int((~known).sum()), len(rows))
    if not known.any():
        return as_table([left_out], settings)
    judged = _Judged(rows, history, pd.Timestamp(about.as_of), _PERIOD_DAYS[task.frequency])
    scored = [about.row(ALL, ALL, **one) for one in _figures(judged, slice(None), True, settings)]
    for dimension in ("level", "series_class"):
        values = judged.series[dimension].fillna("unknown").astype(str)
        for member in sorted(values.unique()):
            mine = np.flatnonzero(values.to_numpy() == member)
            scored += [about.row(dimension, member, **one) for one in _figures(judged, mine, False, settings)]
    return as_table([*scored, left_out], settings)


def _figures(
    judged: _Judged, mine: slice | np.ndarray, overall: bool, settings: ScorecardSettings
) -> Iterator[dict[str, object]]:
    actual = judged.actual[:, mine]
    population = int((~np.isnan(actual)).sum())
    levels, weight = judged.series["level"].to_numpy(object)[mine], judged.weight[mine]
    own = {name: one[mine] for name, one in judged.errors(judged.forecast).items()}
    naive = {name: one[mine] for name, one in judged.errors(judged.naive).items()}
    ends = _resampled(own, weight, levels, settings) if overall else {}

    def row(metric: str, value: float, baseline: str, other: float) -> dict[str, object]:
        lower, upper = ends.get(metric, (np.nan, np.nan))
        return {
            "metric": metric,
            "value": value,
            "lower": lower,
            "upper": upper,
            "baseline": baseline,
            "baseline_value": other,
            "population": population,
        }

    wrmsse = (series.weighted(one["rmsse"], weight, levels) for one in (own, naive))
    yield row("wrmsse", *_between(wrmsse, "seasonal naive"))
    for name in ("rmsse", "mase"):
        yield row(name, *_between((_mean(one[name]) for one in (own, naive)), "seasonal naive"))
    bias = (series.bias(actual, one[:, mine], judged.squared[mine]) for one in (judged.forecast, judged.naive))
    yield row("bias", *_between(bias, "seasonal naive"))
    for level, (low, high) in judged.ends.items():
        covered = series.coverage(actual, low[:, mine], high[:, mine])
        yield row(f"coverage_{level}", covered, "share intended", _INTENDED[f"coverage_{level}"])


def _between(pair: Iterator[float], name: str) -> tuple[float, str, float]:
    value, other = pair
    return float(value), name, float(other)


def _mean(values: np.ndarray) -> np.ndarray:
    """Mean over the first axis of what is known; NaN where nothing is."""
    known = ~np.isnan(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known, values, 0.0).sum(axis=0) / np.where(known.any(axis=0), known.sum(axis=0), np.nan)


def _resampled(
    errors: dict[str, np.ndarray], weight: np.ndarray, levels: np.ndarray, settings: ScorecardSettings
) -> dict[str, tuple[float, float]]:
    """95 % intervals over series drawn with replacement; the same draws in every run."""
    size = len(weight)
    draws = np.random.default_rng(settings.seed)
    times = draws.multinomial(size, np.full(size, 1 / size), size=settings.resamples)
    found = {}
    for name, values in errors.items():
        known = ~np.isnan(values)
        found[name] = (times[:, known] * values[known]).sum(axis=1) / times[:, known].sum(axis=1)
    means = []
    for level in np.unique(levels):
        mine = (levels == level) & ~np.isnan(errors["rmsse"]) & (weight > 0)
        if mine.any():
            drawn = times[:, mine] * weight[mine]
            with np.errstate(invalid="ignore", divide="ignore"):
                means.append((drawn * errors["rmsse"][mine]).sum(axis=1) / drawn.sum(axis=1))
    if means:
        found["wrmsse"] = _mean(np.array(means))
    return {name: binary.interval(values, settings.level) for name, values in found.items()}
