"""Rolling-origin backtest: on each of some past days, a model that could have been fitted then.

Between the dates that a model learns from and the day it is judged on lies a gap of the whole outcome window: no
outcome that it learns from was unknown on that day, and no window overlaps the one it is judged by.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ..judging import binary
from .baselines import CONSTANT, fit_baselines
from .blend import Told, chance, choose
from .features import KNOWN_AFTER, SPEND, TARGET, Known, number
from .history import fit_history
from .loss import fit_spend
from .settings import ChurnSettings
from .train import NAME, fit

# Both must be better: the order of the customers, and the probabilities themselves.
DECIDING = ("auc", "brier")


@dataclass(frozen=True)
class Past:
    """A date that members fitted before it answered, and the day on which its outcome was known."""

    known_on: pd.Timestamp
    told: Told


@dataclass(frozen=True)
class Backtest:
    """Predictions of every model for the same rows, all origins together.

    scores: name to probability; the model's is missing where it could not be fitted. spend_bias: sum of what stayers
    were expected to spend over what they spent, minus 1. past: what a blend is chosen by.
    """

    customers: np.ndarray
    origins: list[pd.Timestamp]
    target: np.ndarray
    scores: dict[str, np.ndarray]
    figures: dict[str, dict[str, float]]
    last_known: pd.Timestamp
    spend_bias: float
    past: list[Past]
    note: str = ""

    @property
    def baselines(self) -> list[str]:
        """Names of the baselines, the best probabilities first."""
        names = [name for name in self.scores if name != NAME]
        return sorted(names, key=lambda name: self.figures[name]["brier"])

    def is_better(self, name: str, other: str) -> bool:
        """Whether one beats the other in everything that decides."""
        mine, theirs = self.figures[name], self.figures[other]
        return all(
            mine[metric] > theirs[metric] if binary.HIGHER_IS_BETTER[metric] else mine[metric] < theirs[metric]
            for metric in DECIDING
        )

    @property
    def verdict(self) -> str:
        """Why the model must not be served; empty when it beat every baseline."""
        if self.note:
            return self.note
        if NAME not in self.scores:
            return "the model could not be fitted on the past"
        lost = [name for name in self.baselines if not self.is_better(NAME, name)]
        return f"{NAME} did not beat {' and '.join(lost)} out of time" if lost else ""


def backtest(known: Known, settings: ChurnSettings) -> Backtest | str:
    """Judge on the newest dates that have an earlier one to learn from; the reason in words where there is none.

    On each judged date the blend is the one that earlier dates speak for; some dates before the first judged one are
    answered too, for that alone.
    """
    rows = known.labelled
    if rows.empty:
        return "no labelled history yet"
    # One model per origin: the wait is the same for all customers of a date.
    ends = rows.as_of + pd.to_timedelta(rows[KNOWN_AFTER].astype("int64"), unit="D")
    dates = sorted(rows.as_of.unique())
    answered = [day for day in dates if (ends <= day).any()][-(settings.origins + settings.choosing_origins) :]
    if not answered:
        return "only one matured day of labels, nothing earlier to learn from"
    origins = answered[-settings.origins :]
    past: list[Past] = []
    tested, parts, note = [], [], ""
    for day in answered:
        history = fit_history(known.everyone[known.everyone.as_of <= day])
        learnt, test = history.add(rows[ends <= day]), history.add(rows[rows.as_of == day])
        baselines = fit_baselines(learnt)
        model = fit(learnt, settings, baselines)
        if not isinstance(model, str):
            blend = choose(ended_by(past, day), model.members)
            told = Told(model.told(test), test[TARGET].to_numpy("float64"))
            if _rarer(test[TARGET]) >= settings.min_judged_class_rows:
                past.append(Past(ends[test.index].max(), told))
        if day not in origins:
            continue
        said = {one.name: one.probability(test) for one in baselines}
        if isinstance(model, str):
            note = note or f"{model} on {pd.Timestamp(day).date()}"
        else:
            said[NAME] = chance(blend.log_odds(told.said))
        stayed = (test[TARGET] == 0).to_numpy()
        money = fit_spend(learnt).expect(test)[stayed].sum(), _sum(test, stayed)
        tested.append(test)
        parts.append((said, money))
    names = [name for name in parts[-1][0] if all(name in said for said, _ in parts)]
    judged = pd.concat(tested, ignore_index=True)
    target = judged[TARGET].to_numpy()
    rarer = _rarer(judged[TARGET])
    if rarer < settings.min_judged_class_rows or not names or names == [CONSTANT]:
        return f"cannot be judged: {rarer} of the rarer outcome on the judged days"
    scores = {name: np.round(np.concatenate([said[name] for said, _ in parts]), settings.decimals) for name in names}
    expected, spent = (sum(money[k] for _, money in parts) for k in (0, 1))
    return Backtest(
        judged.customer_id.to_numpy(),
        [pd.Timestamp(day) for day in origins],
        target,
        scores,
        {name: binary.measure(target, score) for name, score in scores.items()},
        ends[rows.as_of.isin(origins)].max(),
        float(expected / spent - 1) if spent > 0 else float("nan"),
        past,
        note,
    )


def _rarer(target: pd.Series) -> int:
    return int(min(target.sum(), len(target) - target.sum()))


def ended_by(past: list[Past], day: object) -> list[Told]:
    """The dates whose outcome was known on `day`."""
    return [one.told for one in past if one.known_on <= pd.Timestamp(day)]


def _sum(rows: pd.DataFrame, stayed: np.ndarray) -> float:
    return float(number(rows, SPEND)[stayed].sum())


def table(judged: Backtest, as_of: object, settings: ChurnSettings) -> pd.DataFrame:
    """Every model and figure with its 95 % interval, and the interval of the difference to the model (by customer)."""
    metrics = list(binary.METRICS)
    step = max(1, -(-len(judged.target) // settings.max_resampled_rows))
    part = slice(None, None, step)
    drawn = binary.resampled(
        judged.customers[part],
        judged.target[part],
        {name: score[part] for name, score in judged.scores.items()},
        metrics,
        settings.resamples,
        settings.seed,
    )
    first = NAME if NAME in judged.scores else judged.baselines[0]
    rows = []
    for name in [first, *(other for other in judged.baselines if other != first)]:
        for metric in metrics:
            low, high = binary.interval(drawn[name][metric])
            behind, ahead = binary.interval(drawn[first][metric] - drawn[name][metric])
            rows.append(
                {
                    "as_of": as_of,
                    "model": name,
                    "metric": metric,
                    "value": judged.figures[name][metric],
                    "lower": low,
                    "upper": high,
                    "lead_lower": behind,
                    "lead_upper": ahead,
                    "origins": len(judged.origins),
                    "population": len(judged.target),
                }
            )
    return pd.DataFrame(rows).round(dict.fromkeys(("value", "lower", "upper", "lead_lower", "lead_upper"), 6))
