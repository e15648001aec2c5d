"""The whole step: judge the candidates on past days, promote, refit, score every customer, write the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ..grades import Judged, as_day, grades_table
from .candidates import BASELINES, Candidates, Past, Pasts, learnt_by
from .history import PurchaseHistory
from .judge import COMPARED, Verdict, judge, served_by
from .parametric import Published
from .settings import LifetimeValueSettings


@dataclass(frozen=True)
class LifetimeValueResult:
    """Scores of the run's day, grades of past days, what was served and why.

    served_by: the model of each horizon. note: why, with figures; or why a baseline is served. published: the
    parameters of tonight, None when too few customers ever came back.
    """

    scores: pd.DataFrame
    grades: pd.DataFrame
    served_by: str
    note: str
    verdicts: list[Verdict]
    published: Published | None


def run(
    days: Any, as_of: object, settings: LifetimeValueSettings | None = None, demoted: str = ""
) -> LifetimeValueResult:
    """Expected purchases and spend of every customer who had bought by the end of `as_of`.

    Args:
        days: DuckDB relation, Arrow table or DataFrame of what customers bought by day: customer_id, order_date,
            sales_usd. Rows later than `as_of` are not looked at.
        as_of: the run's day.
        demoted: when not empty, the baselines serve and this text says why.

    Raises:
        ValueError: `as_of` is no date.
    """
    # One thread: the sums of a million scores keep their order, and small matrices don't wait for each other.
    with threadpool_limits(1):
        return _run(PurchaseHistory(days, as_day(as_of)), settings or LifetimeValueSettings(), demoted)


def _run(history: PurchaseHistory, settings: LifetimeValueSettings, demoted: str) -> LifetimeValueResult:
    day = history.as_of
    pasts = Pasts(history, settings)
    tonight = pasts.at(day)
    verdicts = [judge(pasts, ahead) for ahead in settings.horizons_days]
    candidates = [learnt_by(pasts, tonight, ahead) for ahead in settings.horizons_days]
    serving = [
        verdict.baseline if demoted else served_by(verdict, one)
        for verdict, one in zip(verdicts, candidates, strict=True)
    ]
    customers = history.at(day, settings.horizons_days)
    scores = _scores(customers, tonight, candidates, verdicts, serving, settings)
    scores.insert(1, "as_of", day)
    scores["reason"] = _ledger(customers, tonight, verdicts, serving, demoted)
    said = ", ".join(f"{verdict.ahead} days: {name}" for verdict, name in zip(verdicts, serving, strict=True))
    note = demoted or "; ".join(f"{verdict.ahead} days: {verdict.why}" for verdict in verdicts)
    if tonight.published is None:
        note = f"fewer than {settings.min_repeat_customers} customers bought twice, a baseline serves; {note}"
    return LifetimeValueResult(scores, _grades(verdicts, pasts), said, note, verdicts, tonight.published)


def _scores(
    customers: pd.DataFrame,
    tonight: Past,
    candidates: list[Candidates],
    verdicts: list[Verdict],
    serving: list[str],
    settings: LifetimeValueSettings,
) -> pd.DataFrame:
    parts = [
        _scored(customers.iloc[start : start + settings.batch_rows], tonight, candidates, verdicts, serving, settings)
        for start in range(0, max(len(customers), 1), settings.batch_rows)
    ]
    return pd.concat(parts, ignore_index=True)


def _scored(
    customers: pd.DataFrame,
    tonight: Past,
    candidates: list[Candidates],
    verdicts: list[Verdict],
    serving: list[str],
    settings: LifetimeValueSettings,
) -> pd.DataFrame:
    """One row per customer; each from its own purchases and the fitted models alone."""
    columns: dict[str, Any] = {"customer_id": customers["customer_id"], "model": serving[0]}
    if tonight.published is None:
        count = np.maximum(customers["purchases"].to_numpy("float64"), 1.0)
        columns["probability_alive"] = np.full(len(customers), np.nan)
        columns["expected_basket_usd"] = np.maximum(customers["spend_usd"].to_numpy(), 0.0) / count
    else:
        columns["probability_alive"] = tonight.published.alive(customers)
        columns["expected_basket_usd"] = tonight.published.basket_usd(customers)
    before: dict[str, np.ndarray] = {}
    for one, verdict, name in zip(candidates, verdicts, serving, strict=True):
        answers, *outlooks = one.means(customers)
        span = f"{one.ahead}d"
        columns[f"model_{span}"] = name
        for what, unit, place in (("purchases", "", 0), ("spend", "_usd", 1)):
            outlook = outlooks[place].moved_to(answers[name][place])
            low, high = verdict.bands[place].bounds(outlook)
            for kind, values in (("expected", outlook.mean), ("lower", low), ("upper", high)):
                key = f"{kind}_{what}"
                # A longer time holds the shorter one, also where another model answers for it.
                before[key] = np.maximum(values, before.get(key, 0.0))
                columns[f"{key}_{span}{unit}"] = before[key]
        columns[f"baseline_spend_{span}_usd"] = answers[verdict.baseline][1]
    table = pd.DataFrame(columns).reset_index(drop=True)
    money = [column for column in table if str(column).endswith("_usd")]
    others = table.select_dtypes("float64").columns.difference(money)
    return table.round(dict.fromkeys(money, settings.money_decimals) | dict.fromkeys(others, settings.decimals))


def _ledger(
    customers: pd.DataFrame, tonight: Past, verdicts: list[Verdict], serving: list[str], demoted: str
) -> np.ndarray:
    """Why each customer was served as they were, in words."""
    common = "; ".join(
        f"{verdict.ahead} days: {_short(verdict, name, tonight, demoted)}"
        for verdict, name in zip(verdicts, serving, strict=True)
    )
    own = (
        "no purchase with a positive amount: taken as one on the first day; ",
        "one purchase: the rate is that of customers alike; ",
        "",
    )
    strange = ("", "amounts that can't be money were left out; ")
    # A text per kind of customer, not per customer: a million texts would be a gigabyte.
    texts = np.array([[first + second + common for second in strange] for first in own], dtype=object)
    kind = customers["purchases"].clip(upper=2).to_numpy("int64")
    return texts[kind, customers["is_strange"].to_numpy("int64")]


def _short(verdict: Verdict, name: str, tonight: Past, demoted: str) -> str:
    if demoted:
        return f"{name}, the model is demoted"
    if name in BASELINES:
        return f"{name}, too few customers bought twice" if tonight.published is None else f"{name}, no model beat it"
    if verdict.days:
        return f"{name}, best on past days" if name == verdict.served else f"{name}, the best one can't be fitted"
    return f"{name}, no such time has passed yet to judge by"


def _grades(verdicts: list[Verdict], pasts: Pasts) -> pd.DataFrame:
    """What the promoted candidate of each horizon reached on past days, beside both baselines."""
    rows = []
    for verdict in verdicts:
        if not verdict.days:
            continue
        first, last = verdict.days[0], verdict.days[-1]
        about = Judged(
            "lifetime_value",
            pasts.history.as_of,
            first + pd.Timedelta(days=1),
            last + pd.Timedelta(days=verdict.ahead),
            verdict.customers,
        )
        for metric in (*COMPARED, "mae_purchases"):
            for naive in BASELINES:
                values = (verdict.figures.loc[name, metric] for name in (verdict.served, naive))
                value, beside = values
                if np.isfinite(value):
                    rows.append(about.grade(f"{metric}_{verdict.ahead}d", value, naive, beside))
        if verdict.coverage is not None:
            share = pasts.settings.interval_share
            for what, held in zip(("purchases", "spend"), verdict.coverage, strict=True):
                rows.append(about.grade(f"coverage_{what}_{verdict.ahead}d", held, "promised", share))
    return grades_table(rows)
