"""The whole churn step: judge out of time, decide what to serve, refit, score."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from ..grades import Judged, as_day, grades_table
from .evaluate import HIGHER_IS_BETTER, measure
from .features import KEYS, design, labelled, refuse_disguised_outcome, refuse_future_columns
from .score import explain
from .settings import ChurnSettings
from .train import ChurnModel, fit

SCORE_COLUMNS = ["customer_id", "as_of", "churn_probability", "baseline_probability", "is_at_risk", "reason"]


@dataclass(frozen=True)
class ChurnResult:
    """Scores for the run's day, grades of the judged day, and what was served and why.

    served_by is 'model' or 'baseline'; note says why the baseline was served, else is empty.
    """

    scores: pd.DataFrame
    grades: pd.DataFrame
    served_by: str
    note: str
    model: ChurnModel
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)


def _dated(table: pd.DataFrame) -> pd.DataFrame:
    dated = table.copy()
    dated["as_of"] = pd.to_datetime(dated["as_of"]).astype("datetime64[us]").dt.normalize()
    dated["customer_id"] = dated["customer_id"].astype(str)
    return dated


def judge(rows: pd.DataFrame, as_of: date, settings: ChurnSettings) -> tuple[pd.DataFrame, bool, str, pd.DataFrame]:
    """Grade on the newest matured as_of with a model that could have been fitted on that day.

    Returns grades, whether the model is worth serving, why not, and calibration by fifths.
    """
    empty = grades_table([]), False
    dates = sorted(rows.as_of.unique())
    if not dates:
        return *empty, "no labelled history yet: baseline served", pd.DataFrame()
    judged_on = dates[-1]
    horizon = pd.Timedelta(days=settings.horizon_days)
    known = rows[rows.as_of + horizon <= judged_on]  # outcomes that had ended by the judged day
    test = rows[rows.as_of == judged_on].reset_index(drop=True)
    if known.empty:
        return (
            *empty,
            "only one matured day of labels, nothing earlier to learn from: baseline served",
            pd.DataFrame(),
        )
    target = test.is_churned.to_numpy()
    rarer = min(int(target.sum()), int(len(target) - target.sum()))
    if rarer < settings.min_judged_class_rows:
        return (
            *empty,
            f"cannot be judged: {rarer} of the rarer outcome on the judged day: baseline served",
            pd.DataFrame(),
        )
    model = fit(known, settings)
    probability, naive = model.probability(test), model.baseline.probability(test)
    mine = measure(target, probability, settings.lift_share)
    theirs = measure(target, naive, settings.lift_share)
    ends = (judged_on + horizon).date()
    about = Judged("churn", as_of, (judged_on + pd.Timedelta(days=1)).date(), ends, len(test))
    grades = grades_table([about.grade(m, mine[m], model.baseline.name, theirs[m]) for m in HIGHER_IS_BETTER])
    fifths = pd.Series(probability).rank(method="first").sub(1).mul(5 / len(test)).astype(int)
    calibration = (
        pd.DataFrame({"fifth": fifths + 1, "predicted": probability, "observed": target})
        .groupby("fifth")
        .agg(predicted=("predicted", "mean"), observed=("observed", "mean"), customers=("observed", "size"))
        .round(settings.decimals)
        .reset_index()
    )
    if model.pipeline is None:
        return grades, False, model.note, calibration
    better = mine["auc"] > theirs["auc"] and mine["brier"] < theirs["brier"]
    return (
        grades,
        better,
        "" if better else "did not beat recency alone out of time: baseline served",
        calibration,
    )


def run(
    features: pd.DataFrame,
    outcomes: pd.DataFrame,
    as_of: object,
    settings: ChurnSettings | None = None,
    demoted: str = "",
) -> ChurnResult:
    """Score every active customer at `as_of`.

    `features` and `outcomes` are the unified tables customer_features and customer_outcomes, several
    as_of dates each. Rows later than the run's day, and outcomes whose window had not ended by
    then, are not looked at. Raises LeakedFutureError when a feature holds the future.
    """
    settings = settings or ChurnSettings()
    day = as_day(as_of)
    now = pd.Timestamp(day)
    refuse_future_columns(features, outcomes)
    features, outcomes = _dated(features), _dated(outcomes)
    rows = labelled(features[features.as_of <= now], outcomes, now, settings)
    inputs = design(rows.drop(columns="is_churned"))
    refuse_disguised_outcome(inputs, rows.is_churned.to_numpy(), settings)

    grades, promoted, note, calibration = judge(rows, day, settings)
    model = fit(rows, settings)
    if demoted:
        promoted, note = False, demoted
    if not promoted or model.pipeline is None:
        note = note or model.note
        model = ChurnModel(None, [], model.base_rate, model.baseline, note)

    today = features[(features.as_of == now) & (features.recency_days < settings.active_within_days)]
    today = today.sort_values("customer_id", kind="stable", ignore_index=True)
    probability = np.round(model.probability(today), settings.decimals)
    threshold = min(settings.at_risk_lift * model.base_rate, 0.5)
    at_risk = probability >= threshold
    scores = today[KEYS].assign(
        as_of=day,
        churn_probability=probability,
        baseline_probability=np.round(model.baseline.probability(today), settings.decimals),
        is_at_risk=at_risk,
        reason=explain(model, today, at_risk),
    )[SCORE_COLUMNS]
    served_by = "baseline" if model.pipeline is None else "model"
    return ChurnResult(scores, grades, served_by, note, model, calibration)
