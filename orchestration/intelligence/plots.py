"""Small pictures for the UI's asset metadata; they show totals and distributions, never a person."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from io import BytesIO
from typing import Any

import dagster as dg
import pandas as pd

_is_drawn: ContextVar[bool] = ContextVar("pictures are drawn", default=True)


@contextmanager
def nothing_drawn() -> Iterator[None]:
    """Where nobody will look: every picture is empty, and its time is saved."""
    before = _is_drawn.set(False)
    try:
        yield
    finally:
        _is_drawn.reset(before)


def drawn(picture: Callable[..., Any]) -> Callable[..., Any]:
    """Decorator of a picture: inside `nothing_drawn` it is not even begun."""

    @wraps(picture)
    def unless_nobody_looks(*arguments: Any, **named: Any) -> Any:
        return picture(*arguments, **named) if _is_drawn.get() else dg.MetadataValue.md("")

    return unless_nobody_looks


@drawn
def histogram(values: pd.Series, x_label: str, y_label: str) -> dg.MarkdownMetadataValue:
    """A histogram of one numeric column."""
    figure, axes = _figure()
    axes.hist(values, bins=30, color="#3b6ea5")
    axes.set(xlabel=x_label, ylabel=y_label)
    return _as_markdown(figure, f"{y_label} by {x_label}")


@drawn
def fans(series: Mapping[str, tuple[pd.Series, pd.DataFrame]], title: str) -> dg.MarkdownMetadataValue:
    """What was and what is expected with its 80 and 95 % intervals, one small picture per series.

    Args:
        series: name to past amounts by week, and forecast rows: period_start, forecast_units and the intervals' ends.
        title: what the amounts are.
    """
    from matplotlib.figure import Figure

    across = min(len(series), 3)
    down = -(-len(series) // across)
    figure = Figure(figsize=(6 if across == 1 else 3.2 * across, 2.6 * down), layout="constrained")
    for axes, (name, (past, ahead)) in zip(
        figure.subplots(down, across, squeeze=False).flat, series.items(), strict=False
    ):
        axes.spines[["top", "right"]].set_visible(False)
        ahead = ahead.sort_values("period_start")
        weeks = pd.to_datetime(ahead["period_start"])
        for level, strength in (("95", 0.15), ("80", 0.3)):
            axes.fill_between(
                weeks, ahead[f"lower_{level}_units"], ahead[f"upper_{level}_units"], color="#c8553d", alpha=strength,
                linewidth=0,
            )  # fmt: skip
        axes.plot(pd.to_datetime(past.index), past.to_numpy(), color="#3b6ea5")
        axes.plot(weeks, ahead["forecast_units"], color="#c8553d")
        axes.set_title(name, fontsize="small")
        axes.set_ylim(bottom=0)
        axes.tick_params(axis="x", labelrotation=30, labelsize="x-small")
        axes.tick_params(axis="y", labelsize="x-small")
    return _as_markdown(figure, title)


@drawn
def columns(counts: pd.Series, x_label: str, y_label: str) -> dg.MarkdownMetadataValue:
    """A column per entry of the index."""
    figure, axes = _figure()
    axes.bar(counts.index, counts.to_numpy(), color="#3b6ea5")
    axes.set(xlabel=x_label, ylabel=y_label)
    return _as_markdown(figure, f"{y_label} by {x_label}")


@drawn
def beside_baseline(lines: pd.DataFrame, title: str) -> dg.MarkdownMetadataValue:
    """A figure by date: the model with its interval, and each baseline as a line of its own.

    Args:
        lines: as_of, value, lower, upper, baseline, baseline_value; the model's figure once per baseline.
        title: subject and figure.
    """
    figure, axes = _figure()
    own = lines.drop_duplicates("as_of").sort_values("as_of")
    days = pd.to_datetime(own["as_of"])
    axes.fill_between(days, own["lower"], own["upper"], color="#3b6ea5", alpha=0.15, linewidth=0)
    axes.plot(days, own["value"], color="#3b6ea5", marker=".", label="model")
    for place, (name, values) in enumerate(lines.dropna(subset=["baseline"]).groupby("baseline")):
        values = values.sort_values("as_of")
        axes.plot(
            pd.to_datetime(values["as_of"]), values["baseline_value"], linestyle="--", label=str(name),
            color=("#c8553d", "#7a9e7e", "#888888")[place % 3],
        )  # fmt: skip
    axes.set(ylabel=title)
    _few_dates(axes)
    axes.legend(frameon=False, fontsize="small")
    return _as_markdown(figure, f"{title} by date")


@drawn
def predicted_beside_actual(bins: pd.DataFrame, title: str) -> dg.MarkdownMetadataValue:
    """The calibration curve: mean predicted and mean actual of each bin, beside the line of perfect agreement."""
    figure, axes = _figure()
    most = float(max(bins["predicted"].max(), bins["actual"].max(), 0.0)) or 1.0
    axes.plot([0, most], [0, most], color="#888888", linewidth=0.8, linestyle="--")
    axes.plot(bins["predicted"], bins["actual"], color="#3b6ea5", marker="o")
    axes.set(xlabel="predicted", ylabel="actual", title=title)
    return _as_markdown(figure, f"{title}: predicted and actual")


@drawn
def nights(lines: pd.DataFrame, title: str, metric: str, usual: tuple[float | None, float | None]) -> Any:
    """A metric of the last nights, one line per category if it has any, with the range that would have been usual.

    Args:
        lines: as_of, category and value per night.
        title: entity and column.
        metric: what was measured.
        usual: low and high end of what was expected tonight; None where there is no end.
    """
    figure, axes = _figure()
    for category, values in lines.sort_values("as_of").groupby("category", dropna=False):
        name = None if pd.isna(category) else str(category)
        axes.plot(pd.to_datetime(values["as_of"]), values["value"], marker=".", label=name)
        if name is None:
            axes.plot(pd.to_datetime(values["as_of"].iloc[-1:]), values["value"].iloc[-1:], "o", color="#c8553d")
    for end in usual:
        if end is not None:
            axes.axhline(end, color="#888888", linewidth=0.8, linestyle="--")
    axes.set(xlabel="night", ylabel=metric, title=title)
    axes.tick_params(axis="x", labelrotation=30)
    if lines["category"].notna().any():
        axes.legend(frameon=False, fontsize="small")
    return _as_markdown(figure, f"{title}: {metric} by night")


@drawn
def bars(shares: pd.DataFrame, x_label: str, title: str) -> dg.MarkdownMetadataValue:
    """Horizontal bars, one group per row and one colour per column.

    Args:
        shares: numbers from 0 to 1; the index names the rows.
        x_label: what the numbers are.
        title: what the rows are.
    """
    figure, axes = _figure(height_inches=0.8 + 0.28 * max(len(shares), 1))
    thickness = 0.8 / max(shares.shape[1], 1)
    for place, (name, values) in enumerate(shares.items()):
        at = [row + place * thickness for row in range(len(shares))]
        axes.barh(at, values, height=thickness, label=str(name), color=("#3b6ea5", "#c8553d", "#7a9e7e")[place % 3])
    axes.set_yticks([row + 0.4 - thickness / 2 for row in range(len(shares))], [str(name) for name in shares.index])
    axes.invert_yaxis()
    axes.set(xlabel=x_label, title=title)
    axes.set_xlim(0, 1)
    axes.legend(frameon=False, fontsize="small", loc="best")
    return _as_markdown(figure, f"{title}: {', '.join(map(str, shares.columns))}")


def _few_dates(axes: Any) -> None:
    """Dates along the foot, as many as can be read side by side."""
    from matplotlib.dates import AutoDateLocator, ConciseDateFormatter

    locator = AutoDateLocator(minticks=3, maxticks=7)
    axes.xaxis.set_major_locator(locator)
    axes.xaxis.set_major_formatter(ConciseDateFormatter(locator))


def _figure(height_inches: float = 2.6) -> tuple:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, height_inches), layout="constrained")
    axes = figure.subplots()
    axes.spines[["top", "right"]].set_visible(False)
    return figure, axes


def _as_markdown(figure: object, title: str) -> dg.MarkdownMetadataValue:
    buffer = BytesIO()
    figure.savefig(buffer, format="png", dpi=110, metadata={"Software": None})
    return dg.MetadataValue.md(f"![{title}](data:image/png;base64,{base64.b64encode(buffer.getvalue()).decode()})")
