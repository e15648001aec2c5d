"""Which candidate is served for a horizon: all of them foresee past days from what was known then, and are compared."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import numpy as np
import pandas as pd

from ..judging import amounts
from .candidates import BASELINES, CHALLENGERS, MODELS, PUBLISHED, Candidates, Pasts, happened, learnt_by
from .intervals import Bands, as_foreseen, that_held
from .outlook import Outlook

COMPARED = ("mae", "top_decile_capture", "absolute_bias")


@dataclass(frozen=True)
class Verdict:
    """What the past says for one horizon.

    served: name of the candidate; why: in words with figures. baseline: the better of the two naive ones. figures:
    one row per candidate (spend: mae in USD, bias, absolute_bias, top_decile_capture; mae_purchases). bands:
    how intervals of (purchases, spend) are read. coverage: what such intervals held on the newest judged
    day, learnt from the days before it. deciles: predicted and actual spend by tenths.
    """

    ahead: int
    served: str
    why: str
    baseline: str
    bands: tuple[Bands, Bands]
    figures: pd.DataFrame = field(default_factory=pd.DataFrame)
    coverage: tuple[float, float] | None = None
    deciles: np.ndarray | None = None
    days: tuple[date, ...] = ()
    customers: int = 0


@dataclass(frozen=True)
class _Judged:
    """One past day: each candidate's answers, the shape of its outlooks, and what happened."""

    answers: dict[str, tuple[np.ndarray, np.ndarray]]
    outlooks: tuple[Outlook, Outlook]
    happened: tuple[np.ndarray, np.ndarray]


def judge(pasts: Pasts, ahead: int) -> Verdict:
    """Rolling origin: on each of the newest days whose horizon has ended, what was known by then foresees it."""
    settings = pasts.settings
    plain = (as_foreseen(settings.interval_share, whole=True), as_foreseen(settings.interval_share, whole=False))
    judged: dict[date, _Judged] = {}
    for day in pasts.ended_by(pasts.history.as_of, ahead, settings.judged_origins):
        past = pasts.at(day)
        if len(past.customers) >= settings.min_judged_customers:
            answers, *outlooks = learnt_by(pasts, past, ahead).means(past.customers)
            judged[day] = _Judged(answers, tuple(outlooks), happened(past.customers, ahead))
    # Candidates are compared on the same days: those on which most of them could have answered.
    most = max((len(one.answers) for one in judged.values()), default=0)
    judged = {day: one for day, one in judged.items() if len(one.answers) == most}
    if not judged:
        why = f"no {ahead} days have passed yet to judge by, the published models serve"
        return Verdict(ahead, PUBLISHED, why, BASELINES[1], plain)
    figures = _figures(list(judged.values()), settings.top_share)
    baseline = str(figures.loc[list(BASELINES), "mae"].idxmin())
    served, why = _promoted(figures, baseline, settings.tolerated_bias)
    return Verdict(
        ahead,
        served,
        why,
        baseline,
        _bands(list(judged.values()), served, settings.interval_share),
        figures,
        _coverage(list(judged.values()), served, settings.interval_share),
        amounts.deciles(*_pooled(list(judged.values()), served)),
        tuple(sorted(judged)),
        sum(len(one.happened[1]) for one in judged.values()),
    )


def _pooled(judged: list[_Judged], name: str, what: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """What happened and what the candidate said, of purchases (0) or spend (1), over the judged days."""
    return (
        np.concatenate([one.happened[what] for one in judged]),
        np.concatenate([one.answers[name][what] for one in judged]),
    )


def _figures(judged: list[_Judged], share: float) -> pd.DataFrame:
    rows = {}
    for name in judged[0].answers:
        rows[name] = amounts.measure(*_pooled(judged, name), share) | {
            "mae_purchases": amounts.mae(*_pooled(judged, name, 0))
        }
    return pd.DataFrame.from_dict(rows, orient="index")


def _promoted(figures: pd.DataFrame, baseline: str, tolerated_bias: float) -> tuple[str, str]:
    """Name of the candidate to serve, and why: the most exact one that beats both baselines, else the baseline."""
    naive = figures.loc[list(BASELINES)]
    beating = [
        name
        for name in MODELS
        if name in figures.index
        and figures.loc[name, "mae"] < naive["mae"].min()
        and figures.loc[name, "top_decile_capture"] >= naive["top_decile_capture"].max()
        and figures.loc[name, "absolute_bias"] <= max(tolerated_bias, naive["absolute_bias"].min())
    ]
    said = ", ".join(f"{name} {figures.loc[name, 'mae']:.2f}" for name in figures.index)
    if not beating:
        return baseline, f"no model beat both baselines out of time (mean absolute error in USD: {said})"
    served = min(beating, key=lambda name: figures.loc[name, "mae"])
    return served, f"{served} was best out of time (mean absolute error in USD: {said})"


def _bands(judged: list[_Judged], served: str, share: float) -> tuple[Bands, Bands]:
    found = []
    for what, whole in ((0, True), (1, False)):
        outlooks = [one.outlooks[what].moved_to(one.answers[served][what]) for one in judged]
        together = Outlook(*(np.concatenate([getattr(one, part) for one in outlooks]) for part in Outlook.__slots__))
        found.append(that_held(together, _pooled(judged, served, what)[0], share, whole))
    return found[0], found[1]


def _coverage(judged: list[_Judged], served: str, share: float) -> tuple[float, float] | None:
    """Share of the newest day's outcomes inside intervals learnt from the older ones; None with one day only."""
    if len(judged) < 2:
        return None
    newest, older = judged[0], judged[1:]
    held = []
    for what, bands in enumerate(_bands(older, served, share)):
        low, high = bands.bounds(newest.outlooks[what].moved_to(newest.answers[served][what]))
        held.append(amounts.coverage(np.maximum(newest.happened[what], 0.0), low, high))
    return held[0], held[1]


def served_by(verdict: Verdict, candidates: Candidates) -> str:
    """The verdict's candidate, or what is left where it can't be fitted tonight."""
    if verdict.served in CHALLENGERS and candidates.trees is None:
        return PUBLISHED if candidates.published is not None else verdict.baseline
    if verdict.served in MODELS and candidates.published is None:
        return verdict.baseline
    return verdict.served
