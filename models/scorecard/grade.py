"""Grade the answers of one date once their outcome is known: figures for all customers and for groups of them.

The rows of one task, one date and one place; which dates are due is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ..judging import amounts, binary
from .settings import ScorecardSettings
from .tasks import Task

SCORECARD_COLUMNS = [
    "subject",
    "task",
    "as_of",
    "origin",
    "horizon_days",
    "matured_on",
    "model",
    "dimension",
    "member",
    "metric",
    "value",
    "lower",
    "upper",
    "baseline",
    "baseline_value",
    "population",
]
BIN_COLUMNS = [*SCORECARD_COLUMNS[:6], "dimension", "member", "customers", "predicted", "actual"]
ALL = "all"


@dataclass(frozen=True)
class About:
    """What every row of one grading says: the task, the date of the answers, their place and when all was known."""

    task: Task
    as_of: date
    origin: str
    horizon_days: int
    model: str

    def row(self, dimension: str, member: str, /, **figures: object) -> dict[str, object]:
        """One row, as yet unrounded; figures may name another dimension."""
        return {
            "subject": self.task.subject,
            "task": self.task.name,
            "as_of": self.as_of,
            "origin": self.origin,
            "horizon_days": self.horizon_days,
            "matured_on": (pd.Timestamp(self.as_of) + pd.Timedelta(days=self.horizon_days)).date(),
            "model": self.model,
            "dimension": dimension,
            "member": member,
            **figures,
        }


def served_models(answers: pd.DataFrame, column: str) -> str:
    """Which models made the answers, the one with most rows first; empty where nothing says it."""
    if column not in answers or answers.empty:
        return ""
    counts = (
        answers[column].dropna().astype(str).value_counts().sort_index().sort_values(ascending=False, kind="stable")
    )
    return " + ".join(counts.index)


def grade(
    about: About,
    answers: pd.DataFrame,
    outcomes: pd.DataFrame,
    groups: pd.DataFrame,
    settings: ScorecardSettings | None = None,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Scorecard and predicted-beside-actual of probabilities or amounts.

    Args:
        about: task, date and place.
        answers: kept rows of that date: customer_id and the task's columns, one row per customer.
        outcomes: customer_id and the task's `actual`; rows without it (not known, no question) don't count.
        groups: customer_id and one text column per dimension that figures are broken down by; may be empty.
        settings: sizes and resamples.

    Returns rows of SCORECARD_COLUMNS and of BIN_COLUMNS. Answers for which there is no outcome (their customer is
    another one today) are told by the metric `not_judged`, a share; it is the only row when nobody can be judged.
    """
    settings = settings or ScorecardSettings()
    task = about.task
    known = outcomes[["customer_id", task.actual]].dropna()
    rows = answers.merge(known, on="customer_id", how="inner", validate="one_to_one")
    rows = rows.dropna(subset=[task.predicted]).sort_values("customer_id", kind="stable", ignore_index=True)
    left_out = not_judged(about, len(answers) - len(rows), len(answers))
    if rows.empty:
        return as_table([left_out], settings), pd.DataFrame(columns=BIN_COLUMNS)
    rows = rows.merge(groups, on="customer_id", how="left", validate="one_to_one")
    dimensions = [column for column in groups.columns if column != "customer_id"]
    judge = _probabilities if task.kind == "probability" else _amounts
    scored: list[dict[str, object]] = []
    binned: list[dict[str, object]] = []
    for dimension, member, part in parts(rows, dimensions, settings):
        scored += [about.row(dimension, member, **figure) for figure in judge(task, part, dimension == ALL, settings)]
        binned += [about.row(dimension, member, **one) for one in _bins(task, part, dimension == ALL, settings)]
    return as_table([*scored, left_out], settings), as_table(binned, settings, BIN_COLUMNS)


def not_judged(about: About, left_out: int, answers: int) -> dict[str, object]:
    """The row that says which share of the answers has no outcome; it marks them as graded, whatever came of them."""
    share = left_out / answers if answers else 1.0
    return about.row(ALL, ALL, metric="not_judged", value=share, population=answers)


def parts(
    rows: pd.DataFrame, dimensions: list[str], settings: ScorecardSettings
) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """All rows, then each group that is large enough: dimension, member, rows. What is not known is a group too."""
    yield ALL, ALL, rows
    for dimension in dimensions:
        for member, part in rows.groupby(rows[dimension].fillna("unknown").astype(str), sort=True):
            if len(part) >= settings.min_group:
                yield dimension, str(member), part


def _probabilities(task: Task, rows: pd.DataFrame, overall: bool, settings: ScorecardSettings) -> Iterator[dict]:
    target, score = rows[task.actual].to_numpy("float64"), rows[task.predicted].to_numpy("float64")
    rarer = min(target.sum(), len(target) - target.sum())
    ranks = rarer >= (1 if overall else settings.min_group_class)
    metrics = [name for name in binary.METRICS if ranks or name == "brier"]
    mine = binary.measure(target, score, metrics)
    theirs = binary.measure(target, rows[task.baseline].to_numpy("float64"), metrics) if task.baseline in rows else {}
    ends = {}
    if overall:
        ends = binary.intervals(
            rows["customer_id"].to_numpy(), target, score, metrics, settings.resamples, settings.seed, settings.level
        )
    for name in metrics:
        yield _figure(name, mine[name], ends.get(name), task, theirs.get(name), len(rows))
    # The mean of what was foretold against what happened; its chance is that of independent customers.
    gap = float(score.mean() - target.mean())
    spread = _z(settings.level) * float(np.sqrt(target.mean() * (1 - target.mean()) / len(target)))
    naive = float(rows[task.baseline].mean() - target.mean()) if task.baseline in rows else None
    yield _figure("calibration_gap", gap, (gap - spread, gap + spread), task, naive, len(rows))
    if task.selected in rows:
        picked = rows[task.selected].fillna(False).to_numpy(bool)
        yield _figure("selection_rate", float(picked.mean()), None, None, None, len(rows))
        if rarer >= settings.min_group_class:
            found = float(picked[target == 1].mean())
            yield _figure("true_positive_rate", found, None, None, None, int(target.sum()))


def _amounts(task: Task, rows: pd.DataFrame, overall: bool, settings: ScorecardSettings) -> Iterator[dict]:
    actual, predicted = rows[task.actual].to_numpy("float64"), rows[task.predicted].to_numpy("float64")
    names = ("mae", "bias", "top_decile_capture")
    mine = amounts.measure(actual, predicted)
    theirs = amounts.measure(actual, rows[task.baseline].to_numpy("float64")) if task.baseline in rows else {}
    if {task.low, task.high} <= set(rows.columns):
        mine["interval_coverage"] = amounts.coverage(
            actual, rows[task.low].to_numpy("float64"), rows[task.high].to_numpy("float64")
        )
        names += ("interval_coverage",)
    ends = {}
    if overall:
        found = _resampled(actual, predicted, settings)
        ends = {name: binary.interval(values, settings.level) for name, values in found.items()}
    for name in names:
        yield _figure(name, mine[name], ends.get(name), task, theirs.get(name), len(rows))


def _resampled(actual: np.ndarray, predicted: np.ndarray, settings: ScorecardSettings) -> dict[str, np.ndarray]:
    """MAE and bias of customers drawn with replacement; the same draws in every run."""
    draws = np.random.default_rng(settings.seed)
    missed = np.abs(actual - predicted)
    error, bias = np.full(settings.resamples, np.nan), np.full(settings.resamples, np.nan)
    for number in range(settings.resamples):
        drawn = draws.integers(0, len(actual), len(actual))
        happened = actual[drawn].sum()
        error[number] = missed[drawn].mean()
        bias[number] = predicted[drawn].sum() / happened - 1 if happened else np.nan
    return {"mae": error, "bias": bias}


def _figure(
    metric: str, value: float, ends: tuple[float, float] | None, task: Task | None, naive: float | None, population: int
) -> dict[str, object]:
    lower, upper = ends or (np.nan, np.nan)
    return {
        "metric": metric,
        "value": value,
        "lower": lower,
        "upper": upper,
        "baseline": task.baseline_name if task is not None and naive is not None else None,
        "baseline_value": np.nan if naive is None else naive,
        "population": population,
    }


def _bins(task: Task, rows: pd.DataFrame, overall: bool, settings: ScorecardSettings) -> Iterator[dict]:
    """Mean predicted and actual: of tenths by prediction over all, and of each group as a whole."""
    actual, predicted = rows[task.actual].to_numpy("float64"), rows[task.predicted].to_numpy("float64")
    yield {"customers": len(rows), "predicted": predicted.mean(), "actual": actual.mean()}
    if overall and len(rows) >= settings.bins:
        means: Callable = _tenths_of_probability if task.kind == "probability" else amounts.deciles
        for place, (foretold, happened) in enumerate(means(actual, predicted, settings.bins)):
            yield {
                "dimension": "tenth",
                "member": f"{place + 1:02d}",
                "customers": len(rows) // settings.bins,
                "predicted": foretold,
                "actual": happened,
            }


def _tenths_of_probability(actual: np.ndarray, predicted: np.ndarray, bins: int) -> np.ndarray:
    by_bin = binary.reliability(binary.tally(actual, predicted), bins)
    return np.column_stack([by_bin["predicted"], by_bin["observed"]])


def _z(level: float) -> float:
    from statistics import NormalDist

    return NormalDist().inv_cdf((1 + level) / 2)


def as_table(
    rows: list[dict[str, object]], settings: ScorecardSettings, columns: list[str] = SCORECARD_COLUMNS
) -> pd.DataFrame:
    """Rows as a table with fixed columns, rounded, in a fixed order; also when there are none."""
    table = pd.DataFrame(rows, columns=columns)
    for column in ("value", "lower", "upper", "baseline_value", "predicted", "actual"):
        if column in table:
            table[column] = table[column].astype("float64").round(settings.decimals)
    for column in ("population", "customers"):
        if column in table:
            table[column] = table[column].astype("int64")
    return table
