"""Who a model fails for: groups of customers that it serves badly, beside everybody on the same dates."""

from __future__ import annotations

import pandas as pd

from .settings import ScorecardSettings
from .tasks import TASKS, beats

# Further off than this is not chance but a group that the model misjudges; the bar of calibration over all.
_OFF = {"calibration_gap": 0.03, "bias": 0.10}
# A group that is ranked this much worse than everybody is one to be careful with.
_RANKED_WORSE = 0.05
_RANKS = ("auc", "recall_at_20")
TOLD = (
    "Groups, as means over their graded dates and beside everybody on those dates, whose predictions are off by more"
    " than 0.03 (a probability) or 10 % (an amount), and by so much more than everybody's where everybody's are; that"
    " are ranked worse than everybody by more than 0.05; or for whom the baseline would have been better."
)
_COLUMNS = ["task", "dimension", "member", "metric", "what", "figure", "beside", "dates", "customers"]


def fails_for(scorecard: pd.DataFrame, settings: ScorecardSettings | None = None) -> pd.DataFrame:
    """Groups that a model serves badly, and everybody where it serves everybody badly.

    Args:
        scorecard: rows of the scorecard of one model, all dates.
        settings: how many dates a group must have been judged on, where there are so many.

    Returns task, dimension, member, metric, what, figure, beside, dates, customers.
    """
    least = (settings or ScorecardSettings()).demote_nights
    primary = {(task.name, metric) for task in TASKS for metric in task.primary}
    found = []
    for row in _means(scorecard).itertuples():
        if row.dates < min(least, row.dates_of_all):
            continue
        what, beside = "", None
        if row.metric in _OFF:
            what, beside = _off(row)
        elif row.dimension != "all" and row.metric in _RANKS and row.everybody - row.value > _RANKED_WORSE:
            what, beside = "ranked worse than everybody", row.everybody
        elif (row.task, row.metric) in primary:
            is_better = beats(row.metric, row.baseline_value, row.value)
            what, beside = (f"{row.baseline} is better", row.baseline_value) if is_better else ("", None)
        if what:
            about = (row.task, row.dimension, row.member, row.metric, what)
            found.append((*about, row.value, beside, row.dates, row.customers))
    # Where the baseline would have been better for everybody, that is told once.
    of_all = {(task, metric, what) for task, dimension, _, metric, what, *_ in found if dimension == "all"}
    found = [
        one
        for one in found
        if one[1] == "all" or not one[4].endswith("is better") or (one[0], one[3], one[4]) not in of_all
    ]
    table = pd.DataFrame(found, columns=_COLUMNS)
    return table.drop_duplicates(_COLUMNS[:5], ignore_index=True)


def _off(row: object) -> tuple[str, float | None]:
    limit = _OFF[row.metric]
    if row.dimension == "all":
        return ("predictions off", None) if abs(row.value) > limit else ("", None)
    is_everybodys = abs(row.everybody) > limit and abs(row.value - row.everybody) <= limit
    return ("predictions off", row.everybody) if abs(row.value) > limit and not is_everybodys else ("", None)


def _means(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Per group and figure the mean of its dates, and everybody's mean of the same dates."""
    rows = scorecard.assign(baseline=scorecard["baseline"].fillna(""))
    figure = ["task", "metric", "baseline"]
    of_all = rows.loc[rows["dimension"] == "all", [*figure, "as_of", "value"]].rename(columns={"value": "everybody"})
    dates_of_all = of_all.groupby(figure, as_index=False).agg(dates_of_all=("as_of", "nunique"))
    rows = rows.merge(of_all, on=[*figure, "as_of"], how="left", validate="many_to_one")
    return (
        rows.groupby(["task", "dimension", "member", "metric", "baseline"], as_index=False)
        .agg(
            value=("value", "mean"),
            baseline_value=("baseline_value", "mean"),
            everybody=("everybody", "mean"),
            dates=("as_of", "nunique"),
            customers=("population", "max"),
        )
        .merge(dates_of_all, on=figure, how="left", validate="many_to_one")
    )
