"""The whole demand step: forecast at rolling origins, choose, judge, reconcile, forecast tonight."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from ..grades import as_day, grades_table
from . import boosted, candidates, intervals, panel, tables
from . import hierarchy as hierarchies
from .bounds import caps
from .candidates import ALLOWED, BASELINES
from .choose import ZERO, Choice, Rolled, choose, comparison, said, serve
from .evaluate import Judgement, grades, judge
from .settings import DemandSettings

FORECAST_COLUMNS = [
    "level",
    "series_id",
    "as_of",
    "period_start",
    "horizon",
    "forecast",
    "lower_80",
    "upper_80",
    "lower_95",
    "upper_95",
    "naive",
    "model",
    "reason",
    "series_class",
]
LEDGER_COLUMNS = ["level", "series_id", "series_class", "first_choice", "model", "reason"]
PLAIN = (*BASELINES, ZERO)
AMOUNTS = ["forecast", "lower_80", "upper_80", "lower_95", "upper_95", "naive"]


@dataclass(frozen=True)
class DemandResult:
    """Forecasts of all levels, who serves whom and why, grades of the judged origins, and how the choice was made.

    served_by names what serves most of the forecast amount; note says why the models do not, else is empty.
    """

    forecast: pd.DataFrame
    ledger: pd.DataFrame
    grades: pd.DataFrame
    comparison: pd.DataFrame
    served_by: str
    note: str
    about: dict[str, str] = field(default_factory=dict)


def run(
    history: Any,
    as_of: object,
    futures: Any = None,
    hierarchy: Any = None,
    settings: DemandSettings | None = None,
    demoted: str = "",
) -> DemandResult:
    """Forecast every series, and every sum of the hierarchy, for the periods after the last complete one by `as_of`.

    `history`: series_id, date (first day of the period), value (null: not observed; a missing row after the first
    sale: no demand) and numeric features; frame, Arrow table or DuckDB relation. `futures`: series_id, date and the
    features known ahead. `hierarchy`: series_id and a column per level above, nearest first. `demoted`: why the best
    baseline must serve in place of the models; empty if not.
    Raises ValueError, in one line, for input that cannot be meant: see `tables.read` and `hierarchy.build`.
    """
    settings = settings or DemandSettings()
    if settings.boosted:
        boosted.load()
    with threadpool_limits(1):  # the number of threads decides the order of sums, and so the last digits
        return _run(history, as_day(as_of), futures, hierarchy, settings, demoted)


def _run(history: Any, day: date, futures: Any, hierarchy: Any, settings: DemandSettings, demoted: str) -> DemandResult:
    rows = tables.read(history, day, settings)
    if not len(rows.period):
        return _nothing("no complete period yet")
    horizon = settings.horizon or rows.periods.ahead
    tree = hierarchies.build(rows.series, hierarchy, settings.bottom_level)
    known = tables.read_futures(futures, rows, horizon)
    data = panel.build(rows, tree, known, settings)
    rolled = roll(data, horizon, settings)
    judged = judge(rolled, settings)
    verdicts = {(tier, name): demoted for tier in (0, 1) for name in ALLOWED} if demoted else judged.verdicts
    tonight = len(rolled.origins.at) - 1
    choice = choose(rolled, tonight, settings, verdicts)
    table, ledger = _tables(rolled, choice, judged, day, settings)
    return DemandResult(
        table,
        ledger,
        grades(judged, rolled, day),
        comparison(choice),
        _most(table),
        demoted or _note(choice),
        _about(rolled, choice, judged, rows.said),
    )


def roll(data: panel.Panel, horizon: int, settings: DemandSettings) -> Rolled:
    """All candidates at all origins, and what happened after."""
    origins = candidates.origins_of(data, settings)
    made = candidates.forecasts(data, origins, horizon, settings)
    actual = candidates.known_actual(data, origins, horizon)
    worth = data.worth_at(origins.at)
    spread, nothing = intervals.spreads(data, origins.at), intervals.nothing(data, origins.at)
    return Rolled(data, origins, made, actual, data.scale[origins.at], worth, spread, nothing)


def _tables(
    rolled: Rolled, choice: Choice, judged: Judgement, day: date, settings: DemandSettings
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The forecast table and the ledger, ordered by level, series and horizon."""
    data, tree = rolled.panel, rolled.panel.tree
    tonight, horizon = len(rolled.origins.at) - 1, rolled.actual.shape[1]
    cap = caps(data, data.length - 1, horizon)
    served = serve(rolled, choice, tonight, tonight + 1, cap, settings.decimals)[0]
    bounds = judged.covered.at(tonight, intervals.grid(rolled, choice, tonight, served, cap, settings))
    bounds = bounds * (data.open_after(rolled.origins.at[-1:], horizon)[0] > 0)
    order = np.lexsort((tree.names.astype(str), tree.level))
    starts = data.periods.start(data.first + data.length + np.arange(horizon))
    model = np.array([said(members) for members in choice.served], dtype=object)
    ledger = pd.DataFrame(
        {
            "level": np.array(tree.levels, dtype=object)[tree.level][order],
            "series_id": tree.names[order],
            "series_class": choice.classes[order],
            "first_choice": [said(choice.first[node]) for node in order],
            "model": model[order],
            "reason": [choice.reason[node] for node in order],
        },
        columns=LEDGER_COLUMNS,
    )

    def column(values: np.ndarray) -> np.ndarray:
        return np.round(values[:, order].T.ravel(), settings.decimals)

    repeated = ledger.loc[ledger.index.repeat(horizon)].reset_index(drop=True)
    table = repeated.assign(
        as_of=day,
        period_start=np.tile(pd.to_datetime(starts).date, len(order)),
        horizon=np.tile(np.arange(1, horizon + 1), len(order)),
        forecast=column(served),
        lower_80=column(bounds[0, 0]),
        upper_80=column(bounds[0, 1]),
        lower_95=column(bounds[1, 0]),
        upper_95=column(bounds[1, 1]),
        naive=column(rolled.made[candidates.NAIVE][tonight]),
    )
    return table[FORECAST_COLUMNS], ledger


def _most(table: pd.DataFrame) -> str:
    """What serves the largest part of the series; the first by name of equals."""
    return str(table.loc[table["horizon"] == 1, "model"].value_counts().sort_index(kind="stable").idxmax())


def _note(choice: Choice) -> str:
    """Why no model serves any series, where that is so; the reason of most."""
    own = [why for why, members in zip(choice.reason, choice.served, strict=True) if set(members) <= set(PLAIN)]
    if len(own) < len(choice.reason):
        return ""
    counts = pd.Series([why or "means judged best" for why in own]).value_counts().sort_index(kind="stable")
    return str(counts.idxmax())


def _nothing(note: str) -> DemandResult:
    empty = pd.DataFrame(columns=FORECAST_COLUMNS).astype(dict.fromkeys(AMOUNTS, "float64") | {"horizon": "int64"})
    return DemandResult(empty, pd.DataFrame(columns=LEDGER_COLUMNS), grades_table([]), pd.DataFrame(), "nothing", note)


def _about(rolled: Rolled, choice: Choice, judged: Judgement, put_right: list[str]) -> dict[str, str]:
    """What the model card says beyond the figures."""
    data = rolled.panel
    first, last = data.periods.start(np.array([data.first, data.first + data.length - 1]))
    told = {
        "foretells": f"demand per {data.periods.frequency} period, {rolled.actual.shape[1]} periods ahead",
        "not to be used for": "demand that a closed or sold-out period hid, prices never tried, a new product's launch",
        "learns from": f"{data.tree.bottom:,} series over {data.length:,} periods, {first} to {last}",
        "sums": f"{len(data.tree.levels)} levels, reconciled {choice.method}",
    }
    if data.periods.season > data.length:
        told["season"] = "under a year of history: the naive forecast is the last period, no yearly season is learnt"
    if judged.places:
        told["judged on"] = f"{len(judged.places)} origins, each with choices and errors known before it"
    if put_right:
        told["put right"] = "; ".join(put_right)
    return told
