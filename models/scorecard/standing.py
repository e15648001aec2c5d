"""Who serves: a model that fell below its baseline stands back, and comes back when its backtest beats it again.

Nothing here looks at the clock or at scores: only at figures of the scorecard that were known by then, and at the
model's own backtests, so the same past gives the same decision.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from .settings import ScorecardSettings
from .tasks import HIGHER_IS_BETTER, beats


@dataclass(frozen=True)
class Standing:
    """Whether the baseline serves in place of the model, since when, and why; empty reason when nothing happened."""

    is_demoted: bool = False
    since: date | None = None
    reason: str = ""


def decide(
    previous: Standing,
    matured: pd.DataFrame,
    backtests: pd.DataFrame,
    as_of: date,
    primary: tuple[str, ...],
    settings: ScorecardSettings | None = None,
) -> Standing:
    """Who serves as of a date.

    Args:
        previous: who served the date before.
        matured: graded answers of the model itself (not of its baseline): as_of, metric, value, baseline,
            baseline_value. Several baselines of a metric: the best one counts.
        backtests: grades that the model got on its own past, the same columns; also while it is demoted.
        as_of: the date that is decided for.
        primary: figures by which the model stands or falls.
        settings: how many nights decide.
    """
    settings = settings or ScorecardSettings()
    if previous.is_demoted:
        won = _won_in_a_row(_against_best(backtests, primary), primary)
        if won < settings.return_nights:
            return previous
        return Standing(False, as_of, f"back since {as_of}: its backtest beat the baseline on {won} nights in a row")
    lost = _lost(_against_best(matured, primary), previous.since, primary, settings)
    if lost:
        return Standing(True, as_of, f"demoted on {as_of}: {lost}; the baseline serves")
    return previous


def _against_best(grades: pd.DataFrame, primary: tuple[str, ...]) -> pd.DataFrame:
    """One row per date and figure: the model beside the best of its baselines; rows that can't be compared are out."""
    rows = grades[grades["metric"].isin(primary)].dropna(subset=["value", "baseline_value"])
    sign = np.array([1.0 if HIGHER_IS_BETTER[metric] else -1.0 for metric in rows["metric"]])
    rows = rows.assign(strength=sign * rows["baseline_value"].to_numpy("float64"))
    rows = rows.sort_values(["as_of", "metric", "strength", "baseline"], kind="stable")
    return rows.drop_duplicates(["as_of", "metric"], keep="last")


def _lost(rows: pd.DataFrame, since: date | None, primary: tuple[str, ...], settings: ScorecardSettings) -> str:
    """What the model lost by over its last matured nights; empty when it holds, or when there are too few of them."""
    if since is not None:  # before that somebody else served, or a model that was sent back for it
        rows = rows[rows["as_of"] >= since]
    if rows.empty:
        return ""
    newest = rows["as_of"].max()
    rows = rows[pd.to_datetime(rows["as_of"]) > pd.Timestamp(newest) - pd.Timedelta(days=settings.demote_days)]
    for metric in primary:
        own = rows[rows["metric"] == metric]
        value, other = own["value"].mean(), own["baseline_value"].mean()
        if len(own) >= settings.demote_nights and beats(metric, other, value):
            name = own["baseline"].iloc[-1]
            return (
                f"{metric} {value:.4f} on its last {len(own)} matured nights ({own['as_of'].min()} to {newest}),"
                f" below {name} with {other:.4f}"
            )
    return ""


def _won_in_a_row(rows: pd.DataFrame, primary: tuple[str, ...]) -> int:
    """On how many of the newest nights, counted back without a gap, every primary figure beat the baseline."""
    won = 0
    for _, night in sorted(rows.groupby("as_of"), key=lambda pair: pair[0], reverse=True):
        better = {row.metric: beats(row.metric, row.value, row.baseline_value) for row in night.itertuples()}
        if set(better) != set(primary) or not all(better.values()):
            break
        won += 1
    return won
