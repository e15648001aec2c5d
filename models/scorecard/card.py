"""The card of a model: what it learnt from, how right it was beside its baselines, and for whom it fails.

A card is a list of sections; text, a table or pictures each. It is written as Markdown or as a page of HTML.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from html import escape

import pandas as pd

from .standing import Standing
from .tasks import TASKS, beats

# Further off than this is not chance but a group that the model misjudges; the bar of calibration over all.
_GAP = 0.03
# A group that is ranked this much worse than everybody is one to be careful with.
_RANKED_WORSE = 0.05
_STYLE = (
    "body{font-family:sans-serif;max-width:60em;margin:2em auto;line-height:1.5}table{border-collapse:collapse}"
    "td,th{padding:.2em .8em;border-bottom:1px solid #ddd;text-align:left}img{max-width:100%}"
)


@dataclass(frozen=True)
class Section:
    """One part of a card. pictures: title to data URI."""

    title: str
    text: tuple[str, ...] = ()
    table: pd.DataFrame | None = None
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


def make_card(known: Known) -> list[Section]:
    """The sections of a card, in the order in which they are read."""
    overall = known.scorecard[known.scorecard["dimension"] == "all"]
    serving = [
        f"Served as of {known.as_of} by {known.served_by}." if known.served_by else "Nothing was served tonight."
    ]
    if known.standing.reason:
        serving.append(f"Standing: {known.standing.reason}.")
    return [
        Section(f"Model card: {known.subject.replace('_', ' ')}", tuple(serving)),
        Section("What it learns from and is for", tuple(f"{title}: {text}" for title, text in known.about.items())),
        Section("Tonight's backtest, on dates that it did not learn from", _window(known.backtest), _backtest(known)),
        Section(
            "Graded by what happened", _dates(overall), None if overall.empty else _graded(overall), known.pictures
        ),
        _who_it_fails_for(known.scorecard),
        Section(
            "Drift",
            ("Columns that moved in four weeks (population stability index; 0.1 is moderate, 0.25 large).",),
            known.moved[["column_name", "psi", "verdict"]],
        ),
    ]


_FAILS = (
    "Groups, as means over all graded dates, whose predictions are off by more than 0.03 (a probability) or 10 % (an"
    " amount), that are ranked worse than everybody by more than 0.05, or for whom the baseline would have been better."
)


def _who_it_fails_for(scorecard: pd.DataFrame) -> Section:
    if scorecard.empty:
        return Section("Who it fails for", ("Not known before answers are graded.",))
    return Section("Who it fails for", (_FAILS,), fails_for(scorecard))


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
    return pd.concat([reached, beside.drop(columns="", errors="ignore")], axis=1).rename_axis("metric").reset_index()


def _dates(overall: pd.DataFrame) -> tuple[str, ...]:
    if overall.empty:
        return ("No answer was graded yet: their outcomes are still to come (make backfill looks back).",)
    dates = overall.drop_duplicates(["task", "as_of"]).groupby("task")["as_of"].agg(["min", "max", "size"])
    return tuple(f"{task}: {row['size']} dates from {row['min']} to {row['max']}." for task, row in dates.iterrows())


def _graded(overall: pd.DataFrame) -> pd.DataFrame:
    """The newest figure with its interval, and the means over all dates, beside each baseline."""
    compared = overall[overall["baseline"].notna()]
    keys = ["task", "metric", "baseline"]
    newest = compared.sort_values("as_of", kind="stable").drop_duplicates(keys, keep="last")
    means = compared.groupby(keys, as_index=False).agg(mean=("value", "mean"), baseline_mean=("baseline_value", "mean"))
    shown = newest[[*keys, "as_of", "value", "lower", "upper", "baseline_value"]].merge(means, on=keys)
    return shown.sort_values(keys, kind="stable").reset_index(drop=True)


def fails_for(scorecard: pd.DataFrame) -> pd.DataFrame:
    """Groups that a model serves badly: task, dimension, member, what, figure, beside, dates, customers."""
    primary = {(task.name, metric) for task in TASKS for metric in task.primary}
    rows = scorecard.assign(baseline=scorecard["baseline"].fillna(""))
    means = rows.groupby(["task", "dimension", "member", "metric", "baseline"], as_index=False).agg(
        value=("value", "mean"),
        baseline_value=("baseline_value", "mean"),
        dates=("as_of", "nunique"),
        customers=("population", "max"),
    )
    everybody = {(row.task, row.metric): row.value for row in means[means["dimension"] == "all"].itertuples()}
    found = []
    for row in means[means["dimension"] != "all"].itertuples():
        overall = everybody.get((row.task, row.metric))
        limit = {"calibration_gap": _GAP, "bias": 0.10}.get(row.metric)
        what, beside = "", None
        if limit is not None and abs(row.value) > limit:
            what, beside = "predictions off", overall
        elif row.metric in ("auc", "recall_at_20") and overall is not None and overall - row.value > _RANKED_WORSE:
            what, beside = "ranked worse than everybody", overall
        elif (row.task, row.metric) in primary and beats(row.metric, row.baseline_value, row.value):
            what, beside = f"{row.baseline} is better", row.baseline_value
        if what:
            found.append(
                (row.task, row.dimension, row.member, row.metric, what, row.value, beside, row.dates, row.customers)
            )
    columns = ["task", "dimension", "member", "metric", "what", "figure", "beside", "dates", "customers"]
    table = pd.DataFrame(found, columns=columns)
    return table.drop_duplicates(["task", "dimension", "member", "metric", "what"], ignore_index=True)


def as_markdown(sections: list[Section]) -> str:
    """The card as Markdown; pictures are inside it."""
    parts = []
    for place, section in enumerate(sections):
        parts.append(f"{'#' if place == 0 else '##'} {section.title}")
        parts += section.text
        parts += [f"![{title}]({uri})" for title, uri in section.pictures.items()]
        if section.table is not None:
            parts.append(_markdown(section.table))
    return "\n\n".join(parts) + "\n"


def as_html(sections: list[Section]) -> str:
    """The card as one page that needs no other file."""
    parts = []
    for place, section in enumerate(sections):
        parts.append(f"<h{1 if place == 0 else 2}>{escape(section.title)}</h{1 if place == 0 else 2}>")
        parts += [f"<p>{escape(line)}</p>" for line in section.text]
        parts += [f'<p><img alt="{escape(title)}" src="{escape(uri)}"></p>' for title, uri in section.pictures.items()]
        if section.table is not None:
            empty = "<p>None.</p>"
            parts.append(_rounded(section.table).to_html(index=False, border=0) if len(section.table) else empty)
    title = escape(sections[0].title)
    head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
    return f'<!doctype html><html lang="en"><head>{head}</head><body>{"".join(parts)}</body></html>\n'


def _markdown(table: pd.DataFrame) -> str:
    return _rounded(table).to_markdown(index=False, disable_numparse=True) if len(table) else "None."


def _rounded(table: pd.DataFrame) -> pd.DataFrame:
    shown = table.copy()
    for column in shown.columns:
        if pd.api.types.is_float_dtype(shown[column]):
            shown[column] = [("" if pd.isna(value) else f"{value:.4f}") for value in shown[column]]
    return shown.fillna("")
