"""The card of a model: what it learnt from, how right it was beside its baselines, and for whom it fails.

A card is a list of sections: sentences, facts with a name, a table or pictures each. How they look is `pages`' part.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from .fails import TOLD, fails_for
from .standing import Standing
from .tasks import TASKS, beats, better_is

# What a model says of itself, in the order in which a reader asks; whatever else it says stands between.
_FIRST, _LAST = ("foretells", "learns from", "judged on"), ("not to be used for",)


@dataclass(frozen=True)
class Section:
    """One part of a card.

    Args:
        title: its heading.
        text: sentences, a paragraph each.
        facts: what is said of what, a line each.
        table: rows; a column `better` says whether more or less is better.
        compared: columns of the table that hold the same figure of one and the other; the best of a row is marked.
        pictures: title to data URI.
    """

    title: str
    text: tuple[str, ...] = ()
    facts: tuple[tuple[str, str], ...] = ()
    table: pd.DataFrame | None = None
    compared: tuple[str, ...] = ()
    pictures: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What is known of a model by a date.

    Args:
        subject: the model.
        as_of: the date.
        served_by: what serves tonight, with the reason where it is not the first choice.
        about: title to text, as the model says it of itself.
        backtest: tonight's rows of models.grades.
        scorecard: rows of the scorecard, all dates.
        standing: who serves, and why.
        moved: drift rows whose verdict is not stable.
        pictures: title to data URI.
    """

    subject: str
    as_of: date
    served_by: str
    about: Mapping[str, str]
    backtest: pd.DataFrame
    scorecard: pd.DataFrame
    standing: Standing
    moved: pd.DataFrame
    pictures: Mapping[str, str] = field(default_factory=dict)


# Columns of the backtest's table that hold no figure, or one that is promised and not foretold.
_NOT_COMPARED = ("metric", "better", "promised", "share intended")


def make_card(known: Known) -> list[Section]:
    """The sections of a card, in the order in which they are read."""
    everybody = known.scorecard[known.scorecard["dimension"] == "all"]
    others = answered_by_a_baseline(everybody)
    own = known.scorecard[~_keys(known.scorecard).isin(others)]
    overall = own[own["dimension"] == "all"]
    backtest = _backtest(known)
    return [
        Section(f"Model card: {known.subject.replace('_', ' ')}", facts=tuple(_serving(known))),
        Section("In short", tuple(_in_short(known, overall))),
        Section("What it learns from and is for", facts=tuple(_about(known.about))),
        Section(
            "Tonight's backtest, on dates that it did not learn from",
            _window(known.backtest),
            table=backtest,
            compared=() if backtest is None else tuple(one for one in backtest.columns if one not in _NOT_COMPARED),
        ),
        Section(
            "Graded by what happened",
            _dates(everybody, others),
            table=None if overall.empty else _graded(overall),
            compared=("mean of all dates", "baseline's mean"),
            pictures=known.pictures,
        ),
        _who_it_fails_for(own),
        _drift(known.moved),
    ]


def _serving(known: Known) -> Iterator[tuple[str, str]]:
    who, _, why = known.served_by.partition("; ")
    yield "as of", str(known.as_of)
    yield "serves", who or "nothing was served tonight"
    if known.standing.is_demoted:
        yield "stands back", known.standing.reason
    elif known.standing.reason:
        yield "standing", known.standing.reason
    for reason in filter(None, why.split("; ")):
        if reason != known.standing.reason:
            yield "why", reason


def _in_short(known: Known, overall: pd.DataFrame) -> Iterator[str]:
    """A sentence per figure by which the model stands or falls: tonight's backtest, then what happened."""
    for task in (one for one in TASKS if one.subject == known.subject and one.primary):
        for metric in task.primary:
            judged = known.backtest[known.backtest["metric"] == f"{metric}{task.backtest_suffix}"]
            if task.baselines:
                judged = judged[judged["baseline"].isin(task.baselines)]
            if line := _beside(metric, judged):
                yield f"Tonight's backtest: {line}."
            graded = overall[(overall["task"] == task.name) & (overall["metric"] == metric)]
            means = graded.groupby("baseline", as_index=False)[["value", "baseline_value"]].mean()
            if line := _beside(metric, means):
                yield f"On {graded['as_of'].nunique()} graded dates: {line}."


def _beside(metric: str, rows: pd.DataFrame) -> str:
    """The figure beside the strongest baseline; empty where there is nothing to compare."""
    rows = rows.dropna(subset=["value", "baseline_value"])
    if rows.empty:
        return ""
    best = rows.iloc[0]
    for _, one in rows.iterrows():
        best = one if beats(metric, one["baseline_value"], best["baseline_value"]) else best
    value, other = best["value"], best["baseline_value"]
    word = "better than" if beats(metric, value, other) else "no better than"
    return f"{metric} {value:.4g}, {word} {best['baseline']} with {other:.4g} ({better_is(metric)} is better)"


def _about(about: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    between = [title for title in about if title not in (*_FIRST, *_LAST)]
    for title in (*_FIRST, *between, *_LAST):
        if title in about:
            yield title, about[title]


def _drift(moved: pd.DataFrame) -> Section:
    told = (
        "Columns that moved in four weeks, by population stability index: 0.1 is moderate, 0.25 large. The days between"
        " are taken off a count of days."
    )
    return Section("Drift", (told,), table=moved[["column_name", "psi", "verdict"]])


def _who_it_fails_for(scorecard: pd.DataFrame) -> Section:
    if scorecard.empty:
        return Section("Who it fails for", ("Not known before answers of its own are graded.",))
    return Section("Who it fails for", (TOLD,), table=fails_for(scorecard))


def _window(backtest: pd.DataFrame) -> tuple[str, ...]:
    if backtest.empty:
        return ("None: there was too little history to judge on.",)
    first, last = backtest["evaluated_from"].min(), backtest["evaluated_to"].max()
    return (f"Outcomes from {first} to {last}; {int(backtest['population'].max()):,} judged.",)


def _backtest(known: Known) -> pd.DataFrame | None:
    """A row per figure: what the model reached, and a column per baseline; in the order in which they were given."""
    if known.backtest.empty:
        return None
    rows = known.backtest.assign(baseline=known.backtest["baseline"].fillna(""))
    beside = rows.pivot_table(
        index="metric", columns="baseline", values="baseline_value", aggfunc="first", sort=False, dropna=False
    )
    reached = rows.drop_duplicates("metric").set_index("metric")["value"].rename("this model")
    table = pd.concat([reached, beside.drop(columns="", errors="ignore")], axis=1).rename_axis("metric").reset_index()
    table.insert(1, "better", [better_is(metric) for metric in table["metric"]])
    return table


def answered_by_a_baseline(overall: pd.DataFrame) -> set[tuple[str, date]]:
    """Tasks and dates whose answers were a baseline's own, figure for figure; they say nothing of the model.

    So it is while a model stands back, and before there is enough history to learn from.
    """
    compared = overall[overall["baseline"].notna()]
    same = compared["value"] == compared["baseline_value"]
    all_same = same.groupby([compared["task"], compared["as_of"], compared["baseline"]]).all()
    return {(task, day) for (task, day, _), is_same in all_same.items() if is_same}


def _keys(rows: pd.DataFrame) -> pd.Series:
    return pd.Series(list(zip(rows["task"], rows["as_of"], strict=True)), index=rows.index, dtype=object)


def _dates(everybody: pd.DataFrame, others: set[tuple[str, date]]) -> tuple[str, ...]:
    if everybody.empty:
        return ("No answer was graded yet: their outcomes are still to come (make backfill looks back).",)
    told = []
    for task, days in everybody.groupby("task")["as_of"]:
        own = sorted(day for day in set(days) if (task, day) not in others)
        left_out = days.nunique() - len(own)
        if own:
            more = f"; on {left_out} more the baseline answered, left out below" if left_out else ""
            told.append(f"{task}: {len(own)} dates from {own[0]} to {own[-1]}{more}.")
        else:
            told.append(f"{task}: the baseline answered on all {left_out} dates, which says nothing of the model.")
    return tuple(told)


def _graded(overall: pd.DataFrame) -> pd.DataFrame:
    """Per task and figure: means over all dates and the newest one with its interval, beside each baseline."""
    compared = overall[overall["baseline"].notna()]
    keys = ["task", "metric", "baseline"]
    newest = compared.sort_values("as_of", kind="stable").drop_duplicates(keys, keep="last")
    means = compared.groupby(keys, as_index=False).agg(mean=("value", "mean"), baseline_mean=("baseline_value", "mean"))
    shown = newest[[*keys, "as_of", "value", "lower", "upper", "baseline_value"]].merge(means, on=keys)
    shown = shown.sort_values(keys, kind="stable").reset_index(drop=True)
    return pd.DataFrame(
        {
            "task": shown["task"],
            "metric": shown["metric"],
            "better": [better_is(metric) for metric in shown["metric"]],
            "baseline": shown["baseline"],
            "mean of all dates": shown["mean"],
            "baseline's mean": shown["baseline_mean"],
            "newest": shown["value"],
            "95 % from": shown["lower"],
            "to": shown["upper"],
            "baseline's newest": shown["baseline_value"],
        }
    )
