"""The whole demand step: judge by rolling origin, decide what to serve, refit, forecast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ..grades import Judged, as_day, grades_table
from .evaluate import BASELINES, METRICS, backtest, mase
from .features import WEEK, Panel, build_panel, model_rows, spread
from .score import coverage, error_quantiles, interval
from .settings import DemandSettings
from .train import DemandModel, fit

FORECAST_COLUMNS = [
    "series_id",
    "as_of",
    "week_start",
    "horizon_weeks",
    "forecast_units",
    "lower_units",
    "upper_units",
    "naive_units",
    "served_by",
]


@dataclass(frozen=True)
class DemandResult:
    """Forecast of the next weeks, grades, and what served most series and why.

    naive_units is the mean of the last four weeks, the stronger of the two naive forecasts.
    """

    forecast: pd.DataFrame
    grades: pd.DataFrame
    served_by: str
    note: str


def judge(judged: pd.DataFrame, panel: Panel, as_of: date, settings: DemandSettings) -> tuple[pd.DataFrame, bool]:
    """Grades against both naive forecasts, and whether the model beats the better of them."""
    if judged.empty:
        return grades_table([]), False
    weeks = panel.units.index
    first = weeks[int(judged.origin.min()) + 1].date()
    last = (weeks[int(judged.origin.max()) + settings.horizon_weeks] + pd.Timedelta(days=6)).date()
    about = Judged("demand", as_of, first, last, len(judged))
    rows = [
        about.grade(
            metric,
            measure(judged, judged.forecast.to_numpy()),
            words,
            measure(judged, judged[name].to_numpy()),
        )
        for name, words in BASELINES.items()
        for metric, measure in METRICS.items()
    ]
    inside = coverage(judged, settings)
    if inside is not None:
        wanted = settings.upper_quantile - settings.lower_quantile
        rows.append(about.grade("interval_coverage", inside, "share intended", wanted))
    naive = min(mase(judged, judged[name].to_numpy()) for name in BASELINES)
    return grades_table(rows), mase(judged, judged.forecast.to_numpy()) < naive


def future_rows(panel: Panel, settings: DemandSettings) -> pd.DataFrame:
    """One row per series and horizon for every series, also those the model cannot serve."""
    units = panel.units
    last = pd.DataFrame(
        {
            "series_id": units.columns.to_numpy(),
            "four_week_mean": units.iloc[-4:].mean().to_numpy(),
            "spread": spread(units).iloc[-1].to_numpy(),
        }
    )
    horizons = pd.DataFrame({"horizon": np.arange(1, settings.horizon_weeks + 1)})
    return last.merge(horizons, how="cross")


def forecast(
    panel: Panel,
    rows: pd.DataFrame,
    model: DemandModel,
    quantiles: pd.DataFrame,
    short: str,
    settings: DemandSettings,
) -> pd.DataFrame:
    """Forecast table for the weeks after the panel, every series, ordered by series and week."""
    everyone = future_rows(panel, settings)
    modelled = rows[rows.origin == len(panel.units) - 1]
    modelled = modelled[["series_id", "horizon"]].assign(modelled=model.predict(modelled))
    table = everyone.merge(modelled, on=["series_id", "horizon"], how="left")
    by_model = table.modelled.notna() & (model.regressor is not None)
    point = np.where(by_model, table.modelled, table.four_week_mean)
    low, high = interval(table, point, quantiles)
    short_names = np.where(table.modelled.notna(), short, "four-week mean: too little history")
    out = pd.DataFrame(
        {
            "series_id": table.series_id,
            "week_start": (panel.units.index[-1] + table.horizon * WEEK).dt.date,
            "horizon_weeks": table.horizon.astype("int64"),
            "forecast_units": point,
            "lower_units": low,
            "upper_units": high,
            "naive_units": table.four_week_mean,
            "served_by": np.where(by_model, "gradient boosting", short_names),
        }
    )
    return out.round({c: settings.decimals for c in out.columns if c.endswith("_units")})


def run(weekly_demand: pd.DataFrame, as_of: object, settings: DemandSettings | None = None) -> DemandResult:
    """Forecast units of every series for the weeks after the last complete week by `as_of`.

    `weekly_demand` is the unified table (series_id, week_start, units, promoted_share). Weeks that
    had not ended by `as_of` are not looked at. A series without any complete week has no row.
    """
    settings = settings or DemandSettings()
    day = as_day(as_of)
    panel = build_panel(weekly_demand, pd.Timestamp(day))
    if panel.units.empty:
        return DemandResult(pd.DataFrame(columns=FORECAST_COLUMNS), grades_table([]), "nothing", "no complete week yet")
    last_origin = len(panel.units) - 1
    rows = model_rows(panel, np.arange(len(panel.units)), settings)
    judged = backtest(rows, last_origin, settings)
    grades, promoted = judge(judged, panel, day, settings)
    if promoted:
        model, note, short = fit(rows, settings), "", "four-week mean"
    elif judged.empty:
        model, note = DemandModel(None, []), "too little history to judge a model"
        short = "four-week mean: model not judged"
    else:
        model, note = (
            DemandModel(None, []),
            "the model did not beat the naive forecasts out of time",
        )
        short = "four-week mean: model did not beat it"
        judged = judged.assign(forecast=judged.four_week_mean)  # intervals belong to what is served
    table = forecast(panel, rows, model, error_quantiles(judged, settings), short, settings)
    table.insert(1, "as_of", day)
    served_by = "four-week mean" if model.regressor is None else "gradient boosting"
    return DemandResult(table[FORECAST_COLUMNS], grades, served_by, note)
