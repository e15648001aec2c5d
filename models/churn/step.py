"""The whole churn step: judge out of time, decide what to serve, refit, score."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ..foreknowledge import refuse_foreknowledge
from ..grades import Judged, as_day, grades_table
from ..judging import binary
from ..leaks import KEYS, refuse_disguised_outcome, refuse_future_names, refuse_future_times
from .backtest import Backtest, backtest, ended_by, table
from .baselines import constant, fit_baselines
from .blend import choose
from .features import KNOWN_AFTER, TARGET, known, numbers
from .history import History, fit_history
from .logistic import Logistic
from .loss import SpendIfStays, fit_spend
from .reasons import contributions, explain
from .settings import ChurnSettings
from .train import NAME, ChurnModel, fit

SCORE_COLUMNS = [
    "customer_id",
    "as_of",
    "model",
    "churn_probability",
    "baseline_probability",
    "is_at_risk",
    "expected_spend_usd",
    "expected_loss_usd",
    "reason",
    "reasons",
]


@dataclass(frozen=True)
class Scorer:
    """What is served: everything needed to score a row, which depends on nothing but the row."""

    model: ChurnModel | None
    baseline: Logistic
    history: History
    spend: SpendIfStays
    threshold: float
    settings: ChurnSettings

    @property
    def name(self) -> str:
        """What answers: the model, or the baseline that stands in for it."""
        return NAME if self.model is not None else self.baseline.name

    def score(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Scores of customers given by their features, in the order of the rows; see SCORE_COLUMNS."""
        size = self.settings.batch_rows
        with threadpool_limits(1):  # the number of threads decides the order of sums
            parts = [self._batch(rows.iloc[start : start + size]) for start in range(0, max(len(rows), 1), size)]
        return pd.concat(parts, ignore_index=True)

    def _batch(self, rows: pd.DataFrame) -> pd.DataFrame:
        decimals = self.settings.decimals
        served = self.model or self.baseline
        naive = probability = np.empty(0)
        reasons: list[list[str]] = []
        if len(rows):
            known = self.history.add(rows)
            naive = np.round(self.baseline.probability(known), decimals)
            probability = np.round(served.probability(known), decimals)
        at_risk = probability >= self.threshold
        spend = np.round(self.spend.expect(rows), 2)
        if len(rows):
            reasons = explain(rows, contributions(served, known), at_risk, self.settings.reasons)
        return pd.DataFrame(
            {
                "customer_id": rows["customer_id"].to_numpy(),
                "as_of": rows["as_of"].dt.date.to_numpy(),
                "model": self.name,
                "churn_probability": probability,
                "baseline_probability": naive,
                "is_at_risk": at_risk,
                "expected_spend_usd": spend,
                "expected_loss_usd": np.round(probability * spend, 2),
                "reason": [said[0] for said in reasons],
                "reasons": ["; ".join(said) for said in reasons],
            },
            columns=SCORE_COLUMNS,
        )


@dataclass(frozen=True)
class ChurnResult:
    """Scores for the run's day, grades of the judged days, and what was served and why.

    served_by names what answered; note says why the model did not, else is empty. backtest: every model and figure
    with its interval. calibration: predicted and observed per tenth of the judged rows. scorer scores further rows.
    """

    scores: pd.DataFrame
    grades: pd.DataFrame
    served_by: str
    note: str
    scorer: Scorer
    backtest: pd.DataFrame = field(default_factory=pd.DataFrame)
    calibration: pd.DataFrame = field(default_factory=pd.DataFrame)
    about: dict[str, str] = field(default_factory=dict)


def run(
    features: Any, outcomes: Any, as_of: object, settings: ChurnSettings | None = None, demoted: str = ""
) -> ChurnResult:
    """Score every active customer at `as_of`.

    `features` and `outcomes` are the unified tables customer_features and customer_outcomes (frames, Arrow tables or
    DuckDB relations), several as_of dates each. Rows later than the run's day, and outcomes whose window had not ended
    by then, are not looked at. demoted: why the best baseline must be served in place of the model; empty if not.
    Raises LeakedFutureError when a feature holds the future.
    """
    with threadpool_limits(1):  # the number of threads decides the order of sums, and so the last digits
        return _run(features, outcomes, as_day(as_of), settings or ChurnSettings(), demoted)


def _run(features: Any, outcomes: Any, day: date, settings: ChurnSettings, demoted: str) -> ChurnResult:
    refuse_future_names(features_columns(features), features_columns(outcomes))
    what = known(features, outcomes, day, settings)
    rows = what.labelled
    refuse_future_times(rows)
    given = [c for c in features_columns(features) if c not in KEYS]
    refuse_disguised_outcome(numbers(rows[given]), rows[TARGET].to_numpy())
    if len(rows):
        refuse_foreknowledge(what.everyone, rows[[*KEYS, TARGET]], TARGET, int(rows[KNOWN_AFTER].max()))

    judged = backtest(what, settings)
    history = fit_history(what.everyone)
    rows = history.add(rows)
    baselines = fit_baselines(rows) if len(rows) else [constant(np.empty(0))]
    fitted = fit(rows, settings, baselines)
    note = demoted or (judged if isinstance(judged, str) else judged.verdict)
    if isinstance(fitted, str):
        note = note or fitted
    else:
        past = [] if isinstance(judged, str) else ended_by(judged.past, day)
        fitted = fitted.blended(choose(past, fitted.members))
    model = None if note or isinstance(fitted, str) else fitted
    best = baselines[0].name if isinstance(judged, str) else judged.baselines[0]
    baseline = next((one for one in baselines if one.name == best), baselines[0])
    if note and not demoted:
        note = f"{note}: {baseline.name} serves"
    served = model or baseline
    scorer = Scorer(model, baseline, history, fit_spend(rows), _threshold(served, rows, settings), settings)
    about = _about(rows, judged, model)
    if isinstance(judged, str):
        return ChurnResult(scorer.score(what.today), grades_table([]), scorer.name, note, scorer, about=about)
    return ChurnResult(
        scorer.score(what.today),
        _grades(judged, day),
        scorer.name,
        note,
        scorer,
        table(judged, day, settings),
        _calibration(judged, settings),
        about,
    )


def features_columns(given: Any) -> list[str]:
    """Column names of a frame, an Arrow table or a DuckDB relation."""
    return list(given.column_names if hasattr(given, "column_names") else given.columns)


def _threshold(served: ChurnModel | Logistic, rows: pd.DataFrame, settings: ChurnSettings) -> float:
    """The probability from which a customer is at risk, from the rows learnt from only."""
    rate = float(rows[TARGET].mean()) if len(rows) else settings.at_risk_most
    if settings.at_risk_lift * rate <= settings.at_risk_most or not len(rows):
        return min(settings.at_risk_lift * rate, settings.at_risk_most)
    newest = rows[rows.as_of == rows.as_of.max()]
    return float(np.quantile(np.round(served.probability(newest), settings.decimals), 1 - binary.TOP_SHARE))


def _grades(judged: Backtest, day: date) -> pd.DataFrame:
    """One row per figure and baseline, of the model if it could be fitted; the strongest baseline first."""
    if NAME not in judged.scores:
        return grades_table([])
    starts = judged.origins[0] + pd.Timedelta(days=1)
    about = Judged("churn", day, starts.date(), judged.last_known.date(), len(judged.target))
    mine = judged.figures[NAME]
    return grades_table(
        [
            about.grade(metric, mine[metric], other, judged.figures[other][metric])
            for metric in binary.METRICS
            for other in judged.baselines
        ]
    )


def _calibration(judged: Backtest, settings: ChurnSettings) -> pd.DataFrame:
    score = judged.scores[NAME if NAME in judged.scores else judged.baselines[0]]
    tenths = binary.reliability(binary.tally(judged.target, score))
    return pd.DataFrame({"tenth": np.arange(1, binary.BINS + 1), **tenths}).round(settings.decimals)


def _about(rows: pd.DataFrame, judged: Backtest | str, model: ChurnModel | None) -> dict[str, str]:
    """What the model card says beyond the figures."""
    said = {
        "foretells": "that an active customer leaves, as the business defines it (var churn of dbt_project.yml)",
        "not to be used for": "prices, credit or service that a customer gets; it says who to talk to, not what to owe",
    }
    if len(rows):
        said["learns from"] = (
            f"{len(rows):,} customers and dates, {rows.as_of.min().date()} to {rows.as_of.max().date()}, "
            f"{rows[TARGET].mean():.1%} of them left"
        )
    if model is not None:
        moved = f", log-odds moved by {model.blend.shift:+.2f} as past dates were off" if model.blend.shift else ""
        said["blend"] = f"{', '.join(model.blend.members)}, chosen by earlier dates{moved}"
    if not isinstance(judged, str):
        days = ", ".join(str(day.date()) for day in judged.origins)
        said["judged on"] = f"{len(judged.target):,} customers and dates of {days}, each by a model fitted before"
        if np.isfinite(judged.spend_bias):
            said["expected spend"] = f"{judged.spend_bias:+.1%} off the money that those who stayed spent"
    return said
